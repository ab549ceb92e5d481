"""The completion scripts for bash, zsh and fish, and a line of bash as words."""

from __future__ import annotations

# Each asks `gittracker completion SHELL -- …` at every press of the key, so that commands, flags and values are always
# those of the installed version and of the tracker as it is. What goes wrong there is silent here.
BASH = r"""# gittracker completion for bash; load it with: eval "$(gittracker completion bash)"
_gittracker() {
    local program=gittracker mode= line
    type -P -- "$1" >/dev/null && program=$1
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ -z $mode ]]; then mode=$line; else COMPREPLY+=("$line"); fi
    done < <("$program" completion bash -- "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null </dev/null)
    compopt -o nosort 2>/dev/null
    case $mode in
        open) compopt -o nospace 2>/dev/null ;;
        files | folders)
            [[ $mode == files ]] && line=-f || line=-d
            compopt -o filenames 2>/dev/null
            while IFS= read -r mode; do COMPREPLY+=("$mode"); done < <(compgen "$line" -- "$2")
            ;;
    esac
}
complete -F _gittracker gittracker
"""

ZSH = r"""#compdef gittracker
# gittracker completion for zsh; load it behind compinit with: eval "$(gittracker completion zsh)"
_gittracker() {
    local -a asked lines candidates shown
    local mode line
    asked=("${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}")
    lines=("${(@f)$(command gittracker completion zsh -- "${(@)asked}" 2>/dev/null </dev/null)}")
    mode=$lines[1]
    for line in "${(@)lines[2,-1]}"; do
        candidates+=("${line%%$'\t'*}")
        shown+=("${line/$'\t'/  }")
    done
    case $mode in
        files) _files ;;
        folders) _files -/ ;;
        open) compadd -V gittracker -M 'm:{a-zA-Z}={A-Za-z}' -S '' -l -d shown -a candidates ;;
        *) compadd -V gittracker -M 'm:{a-zA-Z}={A-Za-z}' -l -d shown -a candidates ;;
    esac
}
if [[ $funcstack[1] == _gittracker ]]; then _gittracker "$@"; else compdef _gittracker gittracker; fi
"""

FISH = r"""# gittracker completion for fish; load it with: gittracker completion fish | source
function __gittracker_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (command gittracker completion fish -- $words[2..-1] "$current" 2>/dev/null </dev/null)
    switch "$lines[1]"
        case files
            __fish_complete_path "$current"
        case folders
            __fish_complete_directories "$current"
        case '*'
            printf '%s\n' $lines[2..-1]
    end
end
complete -c gittracker -f -k -a '(__gittracker_complete)'
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
_SPECIAL = frozenset(" \t\"'\\$`!*?[]{}()<>|&;#~^=:%@,+")
_SAFE = frozenset("=:%@,+")  # of those, what bash takes as it is
_PREFIXES = "@$"  # these break a word, too, but bash replaces them with what is behind


class Line:
    """A line of bash up to the cursor: its whole words, the word under the cursor, and how that is written."""

    __slots__ = ("words", "current", "quote", "settled")

    def __init__(self, words: list[str], current: str, quote: str, settled: str) -> None:
        self.words = words
        self.current = current
        self.quote = quote  # that is open
        self.settled = settled  # the part of `current` that bash takes for words of their own and won't replace


def read_bash(text: str, breaks: str) -> Line:
    """Take a line apart as bash does, as far as quotes and backslashes go; `breaks` is its COMP_WORDBREAKS."""
    words: list[str] = []
    word, quote, settled, started = "", "", "", False
    chars = iter(text)
    for char in chars:
        if quote == "'" or (quote and char == quote):
            quote, word = ("", word) if char == quote else (quote, word + char)
        elif char == "\\":
            char = next(chars, "")
            word += char if not quote or char in "\"\\$`" else "\\" + char
            started = True
        elif not quote and char in "\"'":
            quote, started, settled = char, True, word
        elif not quote and char.isspace():
            if started:
                words.append(word)
            word, settled, started = "", "", False
        else:
            word, started = word + char, True
            if not quote and char in breaks:
                settled = word[:-1] if char in _PREFIXES else word
    return Line(words, word, quote, settled)


def bash_word(value: str, line: Line) -> str:
    """Write a candidate as bash puts it in the place of what it doesn't take for settled."""
    rest = value[len(line.settled):]
    if line.quote == "'":
        return rest.replace("'", "'\\''")
    if line.quote == '"':
        return "".join("\\" + c if c in "\"\\$`" else c for c in rest)
    return "".join("\\" + c if c in _SPECIAL and c not in _SAFE else c for c in rest)
