# Completions of nskit and its applets for zsh. A tool of an applet's name that
# is not nskit's keeps the completions that zsh has for it.

_nskit_pids() {
  local -a found
  local dir command
  for dir in /proc/[0-9]*(N/); do
    { read -r command <$dir/comm } 2>/dev/null && found+=("${dir:t}:$command")
  done
  _describe -V -t processes process found
  _nskit_containers
}

# The containers that run, once the beginning of ctr: is typed.
_nskit_containers() {
  [[ $PREFIX == c* ]] || return
  local -a found=(${(f)"$(nskit lsns --noheadings --raw --output CTR 2>/dev/null | sort -u)"})
  _wanted containers expl container compadd "$@" -- ${${(M)found:#*[^[:blank:]]*}/#/ctr:}
}

_nskit_netns() {
  local -a found=(/run/netns/*(N:t))
  _wanted namespaces expl 'network namespace' compadd -a found
}

_nskit_places() {
  _nskit_containers
  _nskit_netns
}

_nskit_netfiles() {
  local -a found=(/run/netns/*(N))
  _alternative 'files:file:_files' 'namespaces:network namespace:compadd -a found'
}

_nskit_links() {
  local -a found=(/sys/class/net/*(N:t))
  _wanted interfaces expl 'network interface' compadd -a found
}

_nskit_ends() {
  local -a found=(/run/netns/*(N:t))
  _alternative 'interfaces:network interface:_nskit_links' \
    "namespaces:network namespace:compadd -S : -q -a found"
  _nskit_containers -S : -q
}

_nskit_inodes() {
  local -aU found
  _nskit_containers
  found=(${${(f)"$(readlink /proc/<1->/ns/*(N) 2>/dev/null)"}//[^0-9]/})
  _wanted namespaces expl namespace compadd -a found
}

_nskit_list() {
  _values -s , column "$@"
}
