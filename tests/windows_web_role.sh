#!/bin/bash
# The story that farcall began with, line by line: a 64-bit process that needs a 32-bit NativeLibrary.dll, which no
# process of its own can load. $1 is the farcall program. Prints what failed.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$here/shell/command.sh"
# shellcheck source-path=SCRIPTDIR source=shell/real.sh
. "$here/shell/real.sh"

begin_windows NativeLibrary.dll
mkdir "$tmp/role"
cp "$dll" "$tmp/role/"
cd "$tmp/role" || exit 1

# "I have a 32-bit DLL": so it is, and a 64-bit process will not load it.
run_command 0 "$farcall" inspect NativeLibrary.dll
out_has '32'

# "Add(a, b)", called from here, whatever the bitness of this program.
run_command 0 "$farcall" call NativeLibrary.dll 'unsigned __stdcall Add(unsigned a, unsigned b)' 40 2
out_has '^42$'

# A library of the role's own bitness in its place.
echo '_Fc_fails_with_(0) unsigned __stdcall Add(unsigned a, unsigned b);' >NativeLibrary.h
run_command 0 "$farcall" proxy NativeLibrary.dll --header NativeLibrary.h --strict -o libNativeLibrary.so
out_has '^bridged +Add$'

# The hosts of process $1: its guardians.
hosts_of() {
    for process in /proc/[0-9]*; do
        if tr '\0' '\n' 2>/dev/null <"$process/cmdline" | grep -qx "caller=$1"; then
            basename "$process"
        fi
    done | sort
}

# A program that adds for each line it reads: the host is started when it is first needed, not before; it is kept; and
# one that was killed is replaced by the next call. (A call that was made before its end was seen is told of it: 0.)
story() {
    command="the story of $1"
    coproc role { exec "$@" 2>"$tmp/err"; }
    # shellcheck disable=SC2154 # bash sets it
    program=$role_PID
    answer=
    ask() {
        answer=
        echo >&"${role[1]}" && read -r -t 120 answer <&"${role[0]}"
    }
    adds() {
        ask
        [ "$answer" = 42 ] || fail "$command: $1: '$answer' $(cat "$tmp/err")"
    }
    [ -z "$(hosts_of "$program")" ] || fail "$command: a host runs before anything was called"
    adds "the first call"
    first=$(hosts_of "$program")
    [ -n "$first" ] || fail "$command: there is no host"
    adds "the second call"
    [ "$(hosts_of "$program")" = "$first" ] || fail "$command: another host for the second call"
    # shellcheck disable=SC2086 # one or several
    [ -z "$first" ] || kill -KILL $first
    ask
    [ "$answer" != 0 ] || ask
    [ "$answer" = 42 ] || fail "$command: the call after the host was killed: '$answer' $(cat "$tmp/err")"
    case $(hosts_of "$program") in "" | "$first") fail "$command: no fresh host" ;; esac
    eval "exec ${role[1]}>&-"
    wait "$program" || fail "$command: exit status $?"
}

cat >program.c <<'END'
#include <stdio.h>
unsigned Add(unsigned a, unsigned b);
int main(void) {
    for (char line[10]; fgets(line, sizeof line, stdin) != NULL; fflush(stdout)) {
        printf("%u\n", Add(40, 2));
    }
    return 0;
}
END
cc program.c -L. -lNativeLibrary -Wl,-rpath,"$tmp/role" -Wl,-rpath-link,"$(dirname "$runtime")" -o program ||
    fail "C does not link with the library in its place"
story ./program

# The role itself, in C#: not a word of it is other than on Windows.
if needs /usr/bin/mono /usr/bin/mcs; then
    cat >role.cs <<'END'
using System;
using System.Runtime.InteropServices;
class Calculator {
    [DllImport("NativeLibrary.dll", EntryPoint = "Add")]
    static extern UInt32 NativeAdd(UInt32 a, UInt32 b);
    public int Add(int num1, int num2) { return (int)NativeAdd((uint)num1, (uint)num2); }
    static void Main() {
        var calculator = new Calculator();
        while (Console.ReadLine() != null) { Console.WriteLine(calculator.Add(40, 2)); }
    }
}
END
    timeout 300 mcs role.cs -out:role.exe >"$tmp/out" 2>"$tmp/err" || fail "mcs"
    LD_LIBRARY_PATH=$tmp/role story mono role.exe
fi
finish
