/** For zsh 5 and newer, as a file in fpath or sourced after compinit. */
export const zsh = `#compdef spoq sparebox
# Completion of spoq and sparebox for zsh.
_spoq() {
  local -a lines values shown
  local line
  lines=("\${(@f)$("\${~words[1]}" complete -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  case "\${lines[1]}" in
    :files) _files; return ;;
    :directories) _files -/; return ;;
    '') return 1 ;;
  esac
  for line in "\${lines[@]}"; do
    values+=("\${line%%$'\\t'*}")
    case "$line" in
      *$'\\t'*) shown+=("\${(r:24:)\${line%%$'\\t'*}} \${line#*$'\\t'}") ;;
      *) shown+=("$line") ;;
    esac
  done
  compadd -l -d shown -a values
}
if [ "\${funcstack[1]}" = _spoq ]; then
  _spoq "$@"
else
  compdef _spoq spoq sparebox
fi
`
