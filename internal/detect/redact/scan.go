package redact

import (
	"math"
	"strings"
)

// urls finds what stands before the @ of an URL: a user with a password, or a
// token alone. Schemeless forms as drivers take them are URLs too.
func urls(s string) []span {
	var out []span
	for i := 0; i < len(s); {
		n := strings.IndexByte(s[i:], '@')
		if n < 0 {
			break
		}
		at := i + n
		i = at + 1
		if p, ok := userInfo(s, at); ok {
			out = append(out, p)
		}
	}
	return out
}

// maxUserInfo bounds in bytes how far before an @ its user may begin.
const maxUserInfo = 600

// userInfo is what stands before the @ at, where it is a secret.
func userInfo(s string, at int) (span, bool) {
	from := at
	for from > 0 && at-from < maxUserInfo && !strings.ContainsRune(" \t\r\n\"'`<>|", rune(s[from-1])) {
		from--
	}
	word := s[from:at]
	if i := strings.LastIndex(word, "://"); i >= 0 {
		return userOfURL(word[i+3:], at)
	}
	if strings.HasPrefix(word, "//") {
		return span{from + 2, at}, at > from+2
	}
	return schemeless(s, word, at)
}

// userOfURL is the whole of word, which stands between the :// of an URL and
// the @ at, where that is not in the path.
func userOfURL(word string, at int) (span, bool) {
	host, _, inPath := strings.Cut(word, "/")
	host, _, inQuery := strings.Cut(host, "?")
	if (inPath || inQuery) && !passwordAfter(host) {
		return span{}, false // an @ of the path
	}
	return span{at - len(word), at}, word != "" && word != "git" && !reference(word)
}

// schemeless is the password of user:password@host.
func schemeless(s, word string, at int) (span, bool) {
	user, pass, ok := strings.Cut(word, ":")
	if i := strings.LastIndexAny(user, "=(,;"); i >= 0 {
		user = user[i+1:]
	}
	if !ok || pass == "" || packageScheme[strings.ToLower(user)] || strings.HasPrefix(s[at:], "@sha256:") ||
		strings.HasPrefix(s[at:], "@sha512:") ||
		at+1 >= len(s) || strings.ContainsRune(" \t\n\"'`,;)", rune(s[at+1])) || reference(pass) || strings.HasPrefix(pass, "//") {
		return span{}, false
	}
	return span{at - len(pass), at}, true
}

// packageScheme are words before a colon that are no user.
var packageScheme = map[string]bool{"npm": true, "file": true, "workspace": true, "patch": true, "mailto": true, "github": true,
	"gitlab": true, "link": true, "portal": true, "catalog": true, "image": true, "uses": true, "from": true, "jsr": true}

// passwordAfter says whether what stands before an URL's first slash is a user
// with the first part of a password, and not a host with a port.
func passwordAfter(host string) bool {
	_, rest, ok := strings.Cut(host, ":")
	return strings.Contains(host, "@") || ok && rest != "" && strings.Trim(rest, "0123456789") != ""
}

// shortFlags finds what `-p` is given. It is no secret where the command is one
// whose -p means a port, a path or a project.
func shortFlags(s string) []span {
	var out []span
	for i := 0; i+3 < len(s); i++ {
		if s[i] != '-' || strings.IndexByte("pPaw", s[i+1]) < 0 || i > 0 && !strings.ContainsRune(" \t\n\"'`[,(", rune(s[i-1])) {
			continue
		}
		if !passwordAt(s, i) {
			continue
		}
		at := skipArgument(s, i+2)
		end := argumentEnd(s, at)
		if v := s[at:end]; end > at && !notPassword(v) {
			out = append(out, span{at, end})
		}
	}
	return out
}

// passwordAt says whether the flag at i may take a password, by the command
// that it is given to.
func passwordAt(s string, i int) bool {
	letter, command := s[i+1], commandBefore(s, i)
	return strings.IndexByte(passwordFlag[command], letter) >= 0 ||
		letter == 'p' && !otherFlag[command] && strings.IndexByte(" =\"',", s[i+2]) >= 0
}

// argumentEnd is where the argument ends that begins at at. A bracket that the
// argument opens does not end it.
func argumentEnd(s string, at int) int {
	end := at
	if at < len(s) && isQuote(s[at]) {
		n := strings.IndexByte(s[at+1:], s[at])
		if n < 0 {
			return len(s)
		}
		end = at + n + 2
	}
	for end < len(s) && !strings.ContainsRune(" \t\n\"'`;&|),", rune(s[end])) && (s[end] != ']' || strings.Contains(s[at:end], "[")) {
		end++
	}
	return end
}

// skipArgument steps over what divides a flag from its value: space, an equals
// sign, or the quotes and comma of a list.
func skipArgument(s string, at int) int {
	from := at
	if at+1 < len(s) && isQuote(s[at]) && (s[at+1] == ',' || s[at+1] == ' ') {
		at++
	}
	for at < len(s) && at < from+40 && strings.IndexByte(" \t=,", s[at]) >= 0 {
		at++
	}
	return at
}

// notPassword says that a value is a port, a path or another flag.
func notPassword(v string) bool {
	b := strings.Trim(v, "\"'`")
	return b == "" || strings.ContainsRune("-/.~", rune(b[0])) || strings.Trim(b, "0123456789:./") == "" && len(b) <= 12 ||
		reference(b) || ordinary[strings.ToLower(b)]
}

// passwordFlag gives the letters of those flags of a command that take a
// password, also without a space between.
var passwordFlag = map[string]string{"mysql": "p", "mysqldump": "p", "mysqladmin": "p", "mysqlimport": "p", "mariadb": "p",
	"mariadb-dump": "p",
	"mongo":        "p", "mongosh": "p", "mongodump": "p", "mongorestore": "p", "mongoimport": "p", "sshpass": "p", "login": "p",
	"7z": "p", "zip": "P", "unzip": "P", "redis-cli": "a",
	"sqlcmd": "P", "bcp": "P", "isql": "P", "ldapsearch": "w", "ldapmodify": "w", "ldapadd": "w", "ldapdelete": "w",
	"plink": "p", "impala-shell": "p", "cqlsh": "p", "influx": "p"}

// otherFlag are commands whose -p takes no password.
var otherFlag = map[string]bool{"mkdir": true, "cp": true, "install": true, "run": true, "exec": true, "create": true,
	"compose": true, "docker-compose": true, "ssh": true, "scp": true, "git": true, "ps": true,
	"read": true, "tar": true, "kubectl": true, "npx": true, "cargo": true, "python": true, "python3": true, "nc": true,
	"kill": true, "lsof": true, "patch": true, "dotnet": true,
	"perl": true, "sed": true, "ruby": true, "node": true, "mvn": true, "gradle": true, "rsync": true, "nmap": true,
	"unzip": true, "iptables": true, "mount": true, "trap": true, "psql": true,
	"pg_dump": true, "pg_restore": true, "createdb": true, "dropdb": true, "systemctl": true, "screen": true, "tmux": true,
	"make": true, "terraform": true, "java": true, "pytest": true, "sh": true, "bash": true, "export": true, "declare": true,
	"xargs": true, "parted": true, "touch": true, "rm": true, "go": true, "yarn": true, "npm": true, "pnpm": true,
	"claude": true, "gemini": true, "codex": true}

// commandBefore is the last command before i of those whose flags are known.
func commandBefore(s string, i int) string {
	from := i
	for from > 0 && i-from < 300 && !strings.ContainsRune(";|&\n(", rune(s[from-1])) {
		from--
	}
	words := strings.FieldsFunc(s[from:i], func(r rune) bool { return r != '-' && r != '_' && !letterOrDigit(r) })
	for k := len(words) - 1; k >= 0; k-- {
		if word := words[k]; passwordFlag[word] != "" || otherFlag[word] {
			return word
		}
	}
	return ""
}

func letterOrDigit(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// randoms finds long words that are too random to be names: the tokens that no
// format tells. Digests, ids and paths are in lower case and pass.
func randoms(s string) []span {
	var out []span
	for i := 0; i < len(s); {
		from := i
		for i < len(s) && randomByte(s[i]) {
			i++
		}
		if word := s[from:i]; len(word) >= 28 && random(word) {
			out = append(out, span{from, i})
		}
		i = max(i, from+1)
	}
	return out
}

func randomByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '=' || c == '_' || c == '-' || c == '/'
}

// random says whether a word mixes letters of both cases and digits all over,
// and is no path of several short names.
func random(word string) bool {
	if i := strings.IndexByte(word, '/'); i >= 0 && strings.Count(word, "/")*12 > len(word) {
		return false
	}
	var lower, upper, digit, digits, turns int
	var count [256]int
	class, last := 0, 0
	for i := 0; i < len(word); i++ {
		c := word[i]
		count[c]++
		switch {
		case c >= 'a' && c <= 'z':
			lower, class = lower+1, 1
		case c >= 'A' && c <= 'Z':
			upper, class = upper+1, 2
		case c >= '0' && c <= '9':
			digit, class = digit+1, 3
		default:
			class = last
		}
		if class != last {
			turns++
			if class == 3 {
				digits++
			}
		}
		last = class
	}
	if digit < 3 || digits < 3 || lower < 4 || upper < 4 || turns*3 < len(word) {
		return false
	}
	bits := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(word))
			bits -= p * math.Log2(p)
		}
	}
	return bits >= 3.9
}
