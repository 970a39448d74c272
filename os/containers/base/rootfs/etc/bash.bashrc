# Interactive shells: a prompt that says where one is, and once what can be done there.
case $- in *i*) ;; *) return ;; esac

HISTCONTROL=ignoreboth
shopt -s checkwinsize
alias ll='ls -l'

sparkler_container=container
[ -r /etc/sparkler/container ] && read -r sparkler_container </etc/sparkler/container
PS1="[$sparkler_container] \u@\h:\w\\$ "

if [ -z "${SPARKLER_GREETED:-}" ] && [ -r /etc/sparkler/greeting ]; then
    export SPARKLER_GREETED=1
    cat /etc/sparkler/greeting
fi
unset sparkler_container
