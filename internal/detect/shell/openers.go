package shell

// opener says how a program hands another command on.
type opener struct {
	valued string // flags that take the word behind them, with spaces between
	skip   int    // words that stand before the command: a host, a duration
	behind string // the command begins behind one of these words; empty: at once
	script string // flags whose value is a text of shell
	joined bool   // the words are put together and read as text
	stdin  bool   // it reads a text of shell from its input
	bins   bool   // its first word may be a program of a package
	only   bool   // it does nothing else: what it runs stands for it
}

// openers are programs that run what they are given.
var openers = map[string]opener{
	"sudo": {valued: "-u -g -h -p -C -D -R -T -U -r -t --user --group --host --chdir", stdin: true, only: true},
	"doas": {valued: "-u -C", only: true},
	"env":  {valued: "-u -C --unset --chdir", script: "-S --split-string", only: true}, "dotenv": {valued: "-e -f", only: true},
	"nohup": {only: true}, "exec": {valued: "-a", only: true}, "command": {only: true}, "builtin": {only: true},
	"time": {valued: "-f -o", only: true}, "nice": {valued: "-n", only: true}, "ionice": {valued: "-c -n -p", only: true},
	"stdbuf": {valued: "-i -o -e", only: true}, "timeout": {valued: "-s -k --signal --kill-after", skip: 1, only: true},
	"busybox": {only: true}, "chronic": {only: true}, "retry": {only: true}, "xvfb-run": {only: true}, "setsid": {only: true},
	"unbuffer": {only: true}, "caffeinate": {only: true}, "npx": {valued: "-p --package", script: "-c --call", only: true},
	"bunx": {only: true}, "pnpx": {only: true}, "with-env": {only: true}, "cross-env": {only: true}, "exec:": {only: true},
	"taskset": {skip: 1, only: true}, "chrt": {skip: 1, only: true}, "flock": {valued: "-w -E", skip: 1, script: "-c", only: true},
	"systemd-run": {valued: "-p -u --unit --property"}, "daemonize": {}, "then": {only: true}, "do": {only: true},
	"else": {only: true}, "if": {only: true}, "while": {only: true}, "!": {only: true}, "{": {only: true}, "RUN": {only: true},
	"noglob": {only: true}, "coproc": {only: true}, "fakeroot": {only: true}, "setpriv": {only: true},
	"gtimeout": {valued: "-s -k --signal --kill-after", skip: 1, only: true}, "strace": {valued: "-o -e -p -s -u -E -P -a", only: true},
	"ltrace": {valued: "-o -e -p -s -u -l -n -a", only: true}, "rlwrap": {only: true}, "numactl": {valued: "-m -N -C", only: true},
	"uvx":  {valued: "--from --with -p --python --index-url", only: true},
	"pipx": {behind: "run", valued: "--spec --python --pip-args"},

	"xargs":    {valued: "-I -n -P -L -d -a -s -E -i --max-args --max-procs --replace --delimiter --arg-file"},
	"watch":    {valued: "-n --interval", joined: true},
	"parallel": {valued: "-j --jobs", joined: true},
	"sshpass":  {valued: "-p -f -e", only: true},
	"ssh":      {valued: "-i -p -l -o -F -J -L -R -D -b -c -e -m -w -W -S -Q -E -B -I -O", skip: 1, joined: true, stdin: true},
	"chroot":   {skip: 1}, "nsenter": {valued: "-t --target -S -G"}, "unshare": {},
	"su": {valued: "-s -g", script: "-c --command", stdin: true}, "runuser": {valued: "-u -g -s", script: "-c --command"},
	"eval": {joined: true}, "trap": {},

	"sh": shellOpener, "bash": shellOpener, "zsh": shellOpener, "dash": shellOpener, "ash": shellOpener, "ksh": shellOpener,
	"mksh": shellOpener, "fish": shellOpener, "rbash": shellOpener,
	"pwsh": powershell, "powershell": powershell, "powershell.exe": powershell,
	"cmd": {script: "/c /C /k"}, "cmd.exe": {script: "/c /C /k"},

	"docker":         {behind: "exec run", valued: imageFlags, skip: 1},
	"podman":         {behind: "exec run", valued: imageFlags, skip: 1},
	"nerdctl":        {behind: "exec run", valued: imageFlags, skip: 1},
	"docker-compose": {behind: "exec run", valued: imageFlags, skip: 1},
	"kubectl":        {behind: "--"}, "oc": {behind: "--"}, "k": {behind: "--"},
	"heroku": {behind: "run exec"}, "fly": {script: "-C --command", behind: "--"}, "flyctl": {script: "-C --command", behind: "--"},
	"bundle": {behind: "exec"}, "pipenv": {behind: "run"}, "poetry": {behind: "run"}, "uv": {behind: "run"},
	"npm": {behind: "exec --"}, "pnpm": {behind: "exec dlx --", bins: true}, "yarn": {behind: "exec dlx --", bins: true},
	"bun":     {behind: "x", bins: true},
	"dotenvx": {behind: "--"}, "mise": {behind: "--"}, "aws-vault": {behind: "--"}, "doppler": {behind: "--"},
	"op": {behind: "--"}, "chamber": {behind: "--"}, "infisical": {behind: "--"}, "devbox": {behind: "--"},
	"nix": {behind: "-c --command"}, "nix-shell": {script: "--run --command"}, "direnv": {behind: "exec", skip: 1},
	"railway": {behind: "run"}, "script": {script: "-c"}, "conda": {behind: "run", valued: "-n -p"},
	"screen": {valued: "-S -dmS -dms -Sdm -t -c -p -s -T -h"}, "at": {skip: 9, stdin: true}, "batch": {skip: 9, stdin: true},
	"tmux":      {behind: "new new-session neww new-window split-window respawn-pane", valued: "-s -n -t -c -x -y -e -F"},
	"watchexec": {behind: "--"},
}

const imageFlags = "-e -v --env --volume --mount --name -p --publish --network --net -w --workdir --env-file -u --user " +
	"--entrypoint --platform --label -l --index --cpus -m --memory --add-host --link --volumes-from -h --hostname --pull --restart"

var (
	shellOpener = opener{script: "-c", stdin: true}
	powershell  = opener{script: "-c -Command -command -C"}
)
