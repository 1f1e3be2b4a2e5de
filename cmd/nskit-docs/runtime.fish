# Completions of nskit and its applets for fish. An applet's own name is
# completed where it is a link to nskit.

# The words of the command line up to the cursor, from the applet on; nothing
# for another tool of an applet's name.
function __nskit_words
    set -l words (commandline -opc)
    set -l name (string replace -r '.*/' '' -- $words[1])
    if test "$name" = nskit
        set -e words[1]
    else if not string match -q '*/nskit' -- (realpath -- (command -s $words[1]) 2>/dev/null)
        return 1
    else
        set words[1] $name
    end
    set -q words[1]; and printf '%s\n' $words
    return 0
end

# __nskit_place finds where the cursor is: in __nskit_form the form ("unshare", "vethctl
# add", "nskit") and in __nskit_count the number of the operand; nothing when it
# is behind the first word of a program, whose words are in __nskit_rest then.
# Many conditions ask for one line: it is read once.
function __nskit_place
    set -l line (commandline -cp | string collect)
    test "$line" = "$__nskit_line"; and return
    set -g __nskit_line $line
    set -g __nskit_form
    set -g __nskit_count 0
    set -g __nskit_rest
    set -l words (__nskit_words); or return
    set -l form nskit
    set -l i 1
    if set -q words[1]; and contains -- $words[1] $__nskit_applets
        set form $words[1]
        set i 2
    end
    set -l count 1
    set -l plain 0
    while set -q words[$i]
        set -l word $words[$i]
        if test $plain = 1; or not string match -qr -- '^-.' $word
            set -l operands (__nskit_operands $form)
            switch "$operands[$count]"
                case program
                    set -g __nskit_rest $words[$i..-1]
                    return
                case commands
                    set form "$form $word"
                    set count 0
                case applets
                    return
            end
            set count (math $count + 1)
        else if test $word = --
            set plain 1
        else if __nskit_detached $form $word
            set i (math $i + 1)
        end
        set i (math $i + 1)
    end
    set -g __nskit_form $form
    set -g __nskit_count $count
end

# __nskit_detached FORM WORD says whether the option takes the next word.
function __nskit_detached
    set -l required (__nskit_required $argv[1])
    if string match -q -- '--*' $argv[2]
        contains -- $argv[2] $required
        return
    end
    # An option with an optional value ends the word, so that what looks like
    # one here is a value; a required one at the end takes the next word.
    set -l letters (string split '' -- (string sub -s 2 -- $argv[2]))
    for i in (seq (count $letters))
        if contains -- -$letters[$i] $required
            test $i = (count $letters)
            return
        end
    end
    return 1
end

function __nskit_in
    __nskit_place
    test "$__nskit_form" = "$argv[1]"
end

# __nskit_at FORM KIND: the operand at the cursor is of this kind.
function __nskit_at
    string match -q -- '-*=*' (commandline -ct); and return 1
    __nskit_place
    test "$__nskit_form" = "$argv[1]"; or return
    set -l operands (__nskit_operands $argv[1])
    set -l kind "$operands[$__nskit_count]"
    test -z "$kind" -a "$operands[-1]" = keys; and set kind keys
    test "$kind" = "$argv[2]"
end

# __nskit_wrapping: the cursor is behind the first word of a program.
function __nskit_wrapping
    __nskit_place
    set -q __nskit_rest[1]
end

# What the program's own completions offer.
function __nskit_wrapped
    complete -C (string join ' ' -- (string escape -- $__nskit_rest) (commandline -ct))
end

function __nskit_netns
    path basename -- /run/netns/* 2>/dev/null
end

function __nskit_places
    __nskit_netns
    __nskit_containers
end

function __nskit_links
    path basename -- /sys/class/net/* 2>/dev/null
end

function __nskit_ends
    __nskit_links
    for name in (__nskit_netns)
        echo $name:
    end
    for name in (__nskit_containers)
        echo $name:
    end
end

# The containers that run, once the beginning of ctr: is typed.
function __nskit_containers
    string match -q 'c*' -- (__nskit_typed); or return
    nskit lsns --noheadings --raw --output CTR 2>/dev/null | sort -u | string match -r '.+' | string replace -r '^' ctr:
end

function __nskit_inodes
    set -l links /proc/*/ns/*
    readlink $links 2>/dev/null | string replace -ra '[^0-9]' '' | sort -u
    __nskit_containers
end

# What is typed of a value: all of the word, or what is behind "--name=" or, in
# the same word, behind a short option.
function __nskit_typed
    string replace -r '^(--[^=]*=|-[^-])' '' -- (commandline -ct)
end

# Paths behind a short option in the same word, for which fish has none.
function __nskit_attached
    string match -q -r '^-[^-]' -- (commandline -ct)
    and __fish_complete_path (__nskit_typed)
end

# Comma-separated lists: what is written already stays.
function __nskit_list
    set -l before (string match -r '.*,' -- (__nskit_typed))
    or set before ''
    printf '%s\n' $before$argv
end
