// In place of what a package loads and nothing here ever uses.
module.exports = {}
