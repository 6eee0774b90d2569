/** For bash 3.2 and newer. Descriptions show where several candidates are listed. */
export const bash = `# Completion of spoq and sparebox for bash.
_spoq() {
  COMPREPLY=()
  local line first='' program="\${COMP_WORDS[0]/#\\~/$HOME}"
  local lines=()
  while IFS='' read -r line; do lines+=("$line"); done < <(
    "$program" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null
  )
  [ \${#lines[@]} -gt 0 ] && first="\${lines[0]}"
  local current="\${COMP_WORDS[COMP_CWORD]}"
  [ "$current" = '=' ] && current=''
  case "$first" in
    :files | :directories)
      local action=-f
      [ "$first" = :directories ] && action=-d
      while IFS='' read -r line; do COMPREPLY+=("$line"); done < <(compgen "$action" -- "$current")
      compopt -o filenames 2>/dev/null
      return 0
      ;;
  esac
  # 63 is "?": the candidates are only listed.
  if [ "\${COMP_TYPE:-9}" = 63 ] && [ \${#lines[@]} -gt 1 ]; then
    for line in "\${lines[@]}"; do
      case "$line" in
        *$'\\t'*) COMPREPLY+=("$(printf '%-24s %s' "\${line%%$'\\t'*}" "\${line#*$'\\t'}")") ;;
        *) COMPREPLY+=("$line") ;;
      esac
    done
    return 0
  fi
  for line in "\${lines[@]}"; do COMPREPLY+=("\${line%%$'\\t'*}"); done
}
complete -F _spoq spoq sparebox
`
