/**
 * What each shell loads. All of them ask `holdfast __complete` with the words so far, which answers one candidate per
 * line, a tab, a description; `:files` or `:folders` alone leave it to the shell.
 */

export type Shell = 'bash' | 'zsh' | 'fish';

export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: `# Completion of holdfast for bash: source <(holdfast completion bash)
_holdfast() {
  local value description
  COMPREPLY=()
  while IFS=$'\\t' read -r value description; do
    case $value in
      :files) compopt -o default 2>/dev/null; return ;;
      :folders) compopt -o dirnames 2>/dev/null; return ;;
    esac
    COMPREPLY+=("$value")
  done < <("\${COMP_WORDS[0]}" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o nosort -F _holdfast holdfast 2>/dev/null || complete -F _holdfast holdfast
`,
  zsh: `#compdef holdfast
# Completion of holdfast for zsh: holdfast completion zsh > ~/.zfunc/_holdfast, or source <(holdfast completion zsh)
_holdfast() {
  local value description
  local -a candidates
  while IFS=$'\\t' read -r value description; do
    case $value in
      :files) _files; return ;;
      :folders) _files -/; return ;;
    esac
    candidates+=("\${value//:/\\\\:}\${description:+:$description}")
  done < <("\${(Q)words[1]}" __complete "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  _describe -V holdfast candidates
}
if [[ \${funcstack[1]} == _holdfast ]]; then _holdfast "$@"; else compdef _holdfast holdfast; fi
`,
  fish: `# Completion of holdfast for fish: holdfast completion fish > ~/.config/fish/completions/holdfast.fish
function __holdfast_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found ($words[1] __complete $words[2..] 2>/dev/null)
    switch "$found[1]"
        case ':files'
            __fish_complete_path (commandline -ct)
        case ':folders'
            __fish_complete_directories (commandline -ct)
        case '*'
            printf '%s\\n' $found
    end
end
complete -c holdfast -f -k -a '(__holdfast_complete)'
`,
};

export function isShell(text: string): text is Shell {
  return text in completionScripts;
}
