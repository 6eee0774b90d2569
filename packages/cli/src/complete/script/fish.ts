/** For fish 3 and newer. */
export const fish = `# Completion of spoq and sparebox for fish.
function __spoq_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    set -l lines (command $program complete -- $words "$current" 2>/dev/null)
    switch "$lines[1]"
        case ':files'
            __fish_complete_path "$current"
        case ':directories'
            __fish_complete_directories "$current"
        case ''
        case '*'
            printf '%s\\n' $lines
    end
end
for program in spoq sparebox
    complete -c $program -f -a '(__spoq_complete)'
end
`
