# shellcheck shell=bash
# Completions of nskit and its applets for bash. An applet's own name is
# completed where it is a link to nskit.

# _nskit is what bash calls.
_nskit() {
	local words cur prefix
	COMPREPLY=()
	_nskit_split "${COMP_LINE:0:COMP_POINT}"
	_nskit_line
	_nskit_trim
}

# _nskit_split LINE takes the line apart at blanks, which bash's own words are
# not: those end at = and : as well.
_nskit_split() {
	read -ra words <<<"$1"
	if [[ $1 == *[[:blank:]] ]]; then
		words+=('')
	fi
}

# _nskit_line completes the last of words, which begin with a command.
_nskit_line() {
	local key=${words[0]##*/}
	cur=${words[${#words[@]} - 1]}
	if [[ $key == nskit && ${#words[@]} -gt 2 && " $_nskit_applets $_nskit_inner " == *" ${words[1]} "* ]]; then
		words=("${words[@]:1}")
		key=${words[0]}
	fi
	_nskit_form "$key" 1
}

# _nskit_form KEY FIRST completes the line of one form, whose options begin at
# words[FIRST]: it goes through the words as the applet's own parser does.
_nskit_form() {
	local key=$1 i=$2 last=$((${#words[@]} - 1)) count=0 plain='' _nskit_reply table operands kind attached
	_nskit_table "$key" || return
	table=$_nskit_reply
	read -ra operands <<<"${table%%$'\n'*}"
	for (( ; i < last; i++)); do
		if [[ $plain || ${words[i]} != -?* ]]; then
			kind=${operands[count]-}
			case $kind in
			program) _nskit_wrapped "$i"; return ;;
			commands) _nskit_form "$key ${words[i]}" $((i + 1)); return ;;
			applets) return ;;
			esac
			count=$((count + 1))
		elif [[ ${words[i]} == -- ]]; then
			plain=1
		elif _nskit_detached "${words[i]}"; then
			i=$((i + 1))
			if ((i == last)); then
				_nskit_values "$kind" "$_nskit_reply" "$cur" ''
				return
			fi
		fi
	done
	if [[ ! $plain && $cur == --*=* ]]; then
		_nskit_option "${cur%%=*}" && _nskit_values "$kind" "$_nskit_reply" "${cur#*=}" "${cur%%=*}="
	elif [[ ! $plain && $cur == -[!-]* ]] && _nskit_attached; then
		_nskit_values "$kind" "$_nskit_reply" "${cur#"$attached"}" "$attached"
	elif [[ ! $plain && $cur == -* ]]; then
		_nskit_names
	elif ((count >= ${#operands[@]} && ${#operands[@]} > 0)) && [[ ${operands[-1]} == keys ]]; then
		_nskit_values keys '' "$cur" ''
	else
		kind=${operands[count]-}
		case $kind in
		program) _nskit_wrapped "$last" ;;
		*) _nskit_values "$kind" "$key" "$cur" '' ;;
		esac
	fi
}

# _nskit_option NAME finds a line of the table: its kind, and its words in _nskit_reply.
_nskit_option() {
	local short long argument words
	while IFS=: read -r short long argument kind words; do
		if [[ $1 == "--$long" || $1 == "-$short" ]]; then
			option_argument=$argument _nskit_reply=$words
			return
		fi
	done <<<"${table#*$'\n'}"
	return 1
}

# _nskit_detached WORD says whether the word's option takes the next word.
_nskit_detached() {
	local word=$1 n option_argument=''
	if [[ $word == --* ]]; then
		[[ $word != *=* ]] && _nskit_option "$word" && [[ $option_argument == required ]]
		return
	fi
	for ((n = 1; n < ${#word}; n++)); do
		_nskit_option "-${word:n:1}" || return 1
		case $option_argument in
		required) return $((n + 1 < ${#word})) ;;
		optional) return 1 ;;
		esac
	done
	return 1
}

# _nskit_attached says whether a short option's value begins in its own word: "attached"
# is what stands before it.
_nskit_attached() {
	local n option_argument=''
	for ((n = 1; n + 1 < ${#cur}; n++)); do
		_nskit_option "-${cur:n:1}" || return 1
		attached=${cur:0:n+1}
		case $option_argument in
		required | optional) return 0 ;;
		esac
	done
	return 1
}

# _nskit_names offers the options.
_nskit_names() {
	local short long argument rest all=''
	while IFS=: read -r short long argument rest; do
		all+=" --$long"
		[[ $argument == optional || $argument == long ]] && all+=" --$long="
		[[ $short && $cur == - ]] && all+=" -$short"
	done <<<"${table#*$'\n'}"
	_nskit_offer "$all" "$cur" ''
	if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then
		compopt -o nospace 2>/dev/null
	fi
}

# _nskit_offer WORDS TYPED BEFORE offers those words that begin with what was
# typed; BEFORE is what stands before it in the same word.
_nskit_offer() {
	local word
	for word in $1; do
		[[ $word == "$2"* ]] && COMPREPLY+=("$3$word")
	done
}

# _nskit_values KIND WORDS TYPED BEFORE offers values.
_nskit_values() {
	local list
	case $1 in
	oneof) _nskit_offer "$2" "$3" "$4" ;;
	listof)
		list=${3%"${3##*,}"}
		_nskit_offer "$2" "${3##*,}" "$4$list"
		;;
	signals) _nskit_offer "$_nskit_signals" "$3" "$4" ;;
	keys)
		_nskit_offer "$_nskit_keys" "$3" "$4"
		compopt -o nospace 2>/dev/null
		;;
	applets) _nskit_offer "$_nskit_applets $_nskit_inner" "$3" "$4" ;;
	commands)
		_nskit_commands "$2"
		_nskit_offer "$_nskit_reply" "$3" "$4"
		;;
	users) _nskit_offer "$(compgen -u)" "$3" "$4" ;;
	groups) _nskit_offer "$(compgen -g)" "$3" "$4" ;;
	netns) _nskit_offer "$(_nskit_below /run/netns)" "$3" "$4" ;;
	places)
		_nskit_containers "$3" "$4"
		_nskit_offer "$(_nskit_below /run/netns)" "$3" "$4"
		;;
	netfiles)
		_nskit_offer "$(printf '%s\n' /run/netns/*)" "$3" "$4"
		_nskit_paths -f "$3" "$4"
		;;
	ends) _nskit_ends "$3" ;;
	inodes)
		_nskit_containers "$3" "$4"
		_nskit_offer "$(readlink /proc/[0-9]*/ns/* 2>/dev/null | tr -dc '0-9\n' | sort -u)" "$3" "$4"
		;;
	pids) _nskit_pids "$3" "$4" ;;
	files) _nskit_paths -f "$3" "$4" ;;
	dirs) _nskit_paths -d "$3" "$4" ;;
	esac
}

# _nskit_below DIRECTORY lists it.
_nskit_below() {
	local path
	for path in "$1"/*; do
		[[ -e $path ]] && printf '%s\n' "${path##*/}"
	done
}

# _nskit_ends TYPED offers links of the caller's own namespace, and namespaces.
_nskit_ends() {
	_nskit_offer "$(_nskit_below /sys/class/net)" "$1" ''
	local name
	for name in $(_nskit_below /run/netns); do
		if [[ $name: == "$1"* ]]; then
			COMPREPLY+=("$name:")
			compopt -o nospace 2>/dev/null
		fi
	done
	_nskit_containers "$1" '' :
	[[ $1 == c* ]] && compopt -o nospace 2>/dev/null
}

# _nskit_containers TYPED BEFORE BEHIND offers the containers that run, as
# ctr:NAME, once the beginning of that is typed.
_nskit_containers() {
	local name
	[[ $1 == c* ]] || return
	while IFS= read -r name; do
		[[ $name && ctr:$name == "$1"* ]] && COMPREPLY+=("$2ctr:$name${3-}")
	done < <(nskit lsns --noheadings --raw --output CTR 2>/dev/null | sort -u)
}

# _nskit_pids TYPED BEFORE offers process IDs, with their commands as long as
# there is a choice: only what all have in common is inserted then.
_nskit_pids() {
	local dir pid command
	_nskit_containers "$1" "$2"
	for dir in /proc/[0-9]*; do
		pid=${dir##*/}
		if [[ $pid == "$1"* ]] && { read -r command <"$dir/comm"; } 2>/dev/null; then
			COMPREPLY+=("$2$pid  ($command)")
		fi
	done
	if [[ ${#COMPREPLY[@]} == 1 || ${COMP_TYPE-} == 37 || ${COMP_TYPE-} == 42 ]]; then
		COMPREPLY=("${COMPREPLY[@]%%  (*}")
	fi
}

# _nskit_paths -f|-d TYPED BEFORE offers files or directories.
_nskit_paths() {
	local path
	compopt -o filenames 2>/dev/null
	while IFS= read -r path; do
		COMPREPLY+=("$3$path")
	done < <(compgen "$1" -- "$2")
}

# _nskit_wrapped FIRST completes a command of its own, which begins at words[FIRST].
_nskit_wrapped() {
	local first=$1
	words=("${words[@]:first}")
	if ((${#words[@]} == 1)); then
		while IFS= read -r first; do
			COMPREPLY+=("$first")
		done < <(compgen -c -- "$cur" | sort -u)
		[[ $cur == */* ]] && _nskit_paths -f "$cur" ''
	elif [[ " nskit $_nskit_applets " == *" ${words[0]##*/} "* ]]; then
		_nskit_line
	elif declare -F _command_offset >/dev/null; then
		prefix=none
		COMP_WORDS=("${words[@]}") COMP_CWORD=$((${#words[@]} - 1))
		COMP_LINE="${words[*]}" COMP_POINT=${#COMP_LINE}
		_command_offset 0
	else
		_nskit_paths -f "$cur" ''
	fi
}

# _nskit_trim takes off what bash does not replace: all up to the last of its
# own word breaks.
_nskit_trim() {
	local before='' i char
	[[ ${prefix-} == none ]] && return
	for ((i = 0; i < ${#cur}; i++)); do
		char=${cur:i:1}
		[[ $char == [=:] && $COMP_WORDBREAKS == *"$char"* ]] && before=${cur:0:i+1}
	done
	COMPREPLY=("${COMPREPLY[@]#"$before"}")
}

# _nskit_register has bash call _nskit for nskit and for the links to it.
_nskit_register() {
	local name path
	complete -F _nskit nskit
	for name in $_nskit_applets; do
		path=$(type -P "$name") && path=$(readlink -f "$path")
		if [[ ${path##*/} == nskit ]]; then
			complete -F _nskit "$name"
		fi
	done
}
