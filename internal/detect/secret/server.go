package secret

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
)

// login is a password with what stands around it in an URL or a connection
// string.
type login struct{ user, password, host string }

// urlLogin reads the login of an URL whose password stands from start to end.
func urlLogin(text string, start, end int) login {
	l := login{password: text[start:end]}
	before := text[max(0, start-140) : start-1]
	if i := strings.LastIndex(before, "://"); i >= 0 {
		l.user = before[i+3:]
	} else {
		l.user = before[nameStart(before, len(before), len(before)):]
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(text[min(len(text), end+1):min(len(text), end+200)], "tcp("), "//")
	if i := strings.IndexAny(rest, "/?\"'`<>,; \t\n\\&"); i >= 0 && !strings.HasPrefix(rest, "${") && !strings.HasPrefix(rest, "{{") {
		rest = rest[:i]
	}
	l.host = rest
	return l
}

// judge says what a login gives away: nothing where it is an example, or the
// password that everybody knows of a server on the same machine or network; a
// password; or the way into a server that others can reach.
func (l login) judge() *detect.Kind {
	plain := l.password == l.user || everydayPassword(l.password)
	switch {
	case exampleWord(l.user) && exampleWord(l.password), strings.HasPrefix(l.password, "your"):
		return nil
	case l.user == "" && plain && exampleWord(l.password) && exampleHost(l.host):
		return nil
	case nearHost(l.host) && (plain || l.user == "" && !passwordLike(l.password)):
		return nil
	case plain || nearHost(l.host) || !strings.Contains(l.host, ".") || templated(l.host):
		return kindPassword
	case passwordLike(l.password) || keyLike(l.password) || mixedCase(l.password):
		return kindConnection
	}
	return kindPassword
}

func mixedCase(v string) bool {
	c := classify(v)
	return c.lower > 0 && c.upper > 1 && len(v) >= 10
}

// nearHost tells whether a server can be reached from its own machine or its
// own network of containers alone.
func nearHost(host string) bool {
	host = strings.ToLower(strings.Trim(host, "\"'`) "))
	if strings.HasPrefix(host, "tcp:") || strings.HasPrefix(host, "tcp(") {
		host = host[4:]
	}
	if strings.HasPrefix(host, "[::1]") || strings.Contains(host, "localhost") || strings.HasPrefix(host, "127.") ||
		strings.HasPrefix(host, "0.0.0.0") || strings.HasPrefix(host, "host.docker.internal") || strings.HasPrefix(host, "(local") {
		return true
	}
	name := host
	if i := strings.IndexAny(host, ":/,;?)\\"); i >= 0 {
		name = host[:i]
	}
	return name != "" && !strings.ContainsAny(name, ".${}<%")
}

// exampleHost tells whether a host is a word for one.
func exampleHost(host string) bool {
	name, _, _ := strings.Cut(strings.ToLower(host), ":")
	switch name {
	case "host", "hostname", "server", "example.com", "example.org", "example.net", "ip", "address", "domain", "domain.com":
		return true
	}
	return false
}

// exampleWord tells whether a user or password is the word for itself.
func exampleWord(v string) bool {
	switch strings.ToLower(strings.Trim(v, "_-")) {
	case "user", "username", "usr", "login", "pass", "password", "passwd", "pwd", "pw", "secret", "key", "token", "apikey", "api_key",
		"access_key", "x", "xxx", "foo", "bar", "u", "p", "user1", "your_user", "your_username", "my_user", "myuser", "mypassword", "dbuser",
		"db_user", "db_password", "dbpassword", "dbpass", "name", "me", "hunter2":
		return true
	}
	return false
}

// everyday are the words that passwords of services on one's own machine are
// made of.
var everyday = []string{"password", "passwort", "passw0rd", "passwd", "pass", "pwd", "secret", "postgres", "postgresql", "mysql", "mariadb",
	"mongodb", "mongo", "redis", "rabbitmq", "rabbit", "minioadmin", "minio", "elastic", "clickhouse", "neo4j", "keycloak", "grafana",
	"admin", "root", "guest", "user", "test", "testing", "tests", "dev", "develop", "development", "local", "localhost", "docker", "ci",
	"demo", "example", "sample", "default", "changeme", "change", "me", "letmein", "qwerty", "super", "strong", "your", "my", "the", "sa",
	"app", "db", "database", "service", "dummy", "insecure", "not", "unsafe", "temp", "tmp", "integration", "e2e", "airflow", "django",
	"rails", "laravel", "wordpress", "spring", "prisma", "supabase", "hasura", "key", "only", "for", "a", "is", "s3cret", "s3cr3t"}

// everydayPassword tells whether a password is made of such words, with the
// digits and signs that rules for passwords ask for behind or between them.
func everydayPassword(v string) bool {
	if len(v) > 40 {
		return false
	}
	v = strings.NewReplacer("@", "a", "$", "s").Replace(strings.ToLower(v))
	words := 0
	for len(v) > 0 {
		if n := everydayWord(v); n > 0 {
			v, words = v[n:], words+1
			continue
		}
		if n := countUp(v); n > 0 || strings.IndexByte("_-.!?()# ", v[0]) >= 0 {
			v = v[max(n, 1):]
			continue
		}
		return false
	}
	return words > 0
}

// everydayWord is the length of the longest such word that v begins with.
func everydayWord(v string) int {
	best := 0
	for _, w := range everyday {
		if len(w) > best && strings.HasPrefix(v, w) {
			best = len(w)
		}
	}
	return best
}

// countUp is the length of the digits at the beginning of v if people choose
// such: 1, 123, 2024, 000.
func countUp(v string) int {
	n := 0
	for n < len(v) && v[n] >= '0' && v[n] <= '9' {
		n++
	}
	if n <= 2 || strings.HasPrefix("1234567890", v[:n]) || n == 4 && strings.HasPrefix(v, "20") || repeated(v[:n]) {
		return n
	}
	return 0
}

// throwAwayPath tells whether a file starts services for a job of CI or on a
// developer's machine.
func throwAwayPath(p string) bool {
	l := strings.ToLower(p)
	base := path.Base(l)
	if strings.Contains(l, "prod") || strings.Contains(l, "live") || strings.Contains(l, "staging") {
		return false
	}
	for _, dir := range [...]string{".github/workflows/", ".circleci/", ".gitlab/", ".buildkite/", ".devcontainer/", ".woodpecker/"} {
		if strings.HasPrefix(l, dir) {
			return true
		}
	}
	for _, name := range [...]string{"docker-compose", "compose.", ".gitlab-ci", ".travis", "azure-pipelines", "bitbucket-pipelines", ".drone",
		"jenkinsfile", "makefile", "justfile", "taskfile"} {
		if strings.HasPrefix(base, name) {
			return true
		}
	}
	return strings.HasPrefix(base, ".env.") && (strings.HasSuffix(base, ".test") || strings.HasSuffix(base, ".ci") ||
		strings.HasSuffix(base, ".local") || strings.HasSuffix(base, ".dev") || strings.HasSuffix(base, ".development"))
}
