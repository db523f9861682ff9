package secret

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
)

// within completes an assignment that stands inside a string: a part of a
// connection string or of an address, the text of an attribute. It is quoted by
// the string around it.
func within(line string, a assigned) assigned {
	if a.quoted || a.nameStart == 0 {
		return a
	}
	before := line[max(0, a.nameStart-6):a.nameStart]
	for _, entity := range [...]string{"&quot;", "&#34;", "&#39;", "&apos;"} {
		if strings.HasSuffix(before, entity) {
			return a.upTo("&")
		}
	}
	if a.by == ":" && !passwordName(a.name) || a.by != ":" && a.by != "=" {
		return a
	}
	switch at := before[len(before)-1]; {
	case at == '?' || at == '&':
		a = a.upTo("&#`)<>\\")
		a.quoted = plainName(a.name)
	case at == ';' || quote(at):
		a.quoted = endsString(line, a.valueEnd)
	case at == ' ' && line[a.valueStart-1] == '=': // host=a password=b
		dsn := strings.Contains(line[max(0, a.nameStart-200):a.nameStart], "host=")
		a.quoted = inString(line[:a.nameStart]) && (dsn || endsString(line, a.valueEnd))
	}
	return a
}

// upTo cuts a value at the first of some signs, and takes it for quoted if one
// is there.
func (a assigned) upTo(signs string) assigned {
	if i := strings.IndexAny(a.value, signs); i > 0 {
		a.value, a.valueEnd, a.quoted = a.value[:i], a.valueStart+i, true
	}
	return a
}

// endsString tells whether what stands at at ends a value inside a string.
func endsString(line string, at int) bool {
	return at < len(line) && (line[at] == ';' || quote(line[at])) || at == len(line)
}

// inString tells whether a text ends inside a string in double quotes or,
// without any of those, in single ones.
func inString(before string) bool {
	before = before[max(0, len(before)-400):]
	for _, q := range [...]string{`"`, `'`, "`"} {
		if n := strings.Count(before, q); n > 0 {
			return n%2 == 1
		}
	}
	return false
}

// hostKeys are what a server is called in connection strings and in settings.
var hostKeys = []string{"server", "data source", "datasource", "host", "hostname", "address", "addr", "endpoint", "accountname"}

// serverNear finds the server that a password belongs to: in the connection
// string around it, or in the settings beside it.
func (s *scan) serverNear(text string, a assigned, line int) string {
	s.work += 2000
	around := strings.ToLower(text[max(0, a.nameStart-300):min(len(text), a.valueEnd+300)])
	if host := hostIn(around); host != "" {
		return host
	}
	if !s.bare && !strings.HasSuffix(s.path, ".json") {
		return ""
	}
	from := s.offset(max(1, line-8))
	to := min(s.offset(line+8), from+1500)
	return hostIn(strings.ToLower(s.body[from:max(from, to)]))
}

// hostIn finds a server in a text: behind its key, or in the address of a
// database.
func hostIn(text string) string {
	for _, key := range hostKeys {
		for from := 0; from < len(text); {
			i := strings.Index(text[from:], key)
			if i < 0 {
				break
			}
			from += i + len(key)
			rest := strings.TrimLeft(strings.TrimPrefix(text[from:], `"`), " \t")
			if rest == "" || rest[0] != '=' && rest[0] != ':' || strings.HasPrefix(rest, "://") {
				continue
			}
			if host := hostWord(strings.TrimLeft(rest[1:], " \t\"'")); strings.Contains(host, ".") || nearHost(host) {
				return host
			}
		}
	}
	for _, scheme := range databases {
		if i := strings.Index(text, scheme+"://"); i >= 0 {
			host := text[i+len(scheme)+3:]
			if at := strings.IndexByte(host[:min(len(host), 120)], '@'); at >= 0 {
				host = host[at+1:]
			}
			return hostWord(host)
		}
	}
	return ""
}

// databases are the schemes of servers that take a password.
var databases = []string{"postgresql", "postgres", "mysql", "mariadb", "mongodb+srv", "mongodb", "rediss", "redis", "amqps", "amqp",
	"sqlserver", "ldaps", "ldap", "smtps", "smtp", "clickhouse", "oracle", "db2", "cockroachdb", "bolt", "neo4j+s"}

func hostWord(text string) string {
	text = strings.TrimPrefix(text, "tcp:")
	for i := 0; i < len(text); i++ {
		if c := text[i]; !letterOrDigit(c) && c != '.' && c != '-' && c != '$' && c != '{' && c != '}' && c != '[' && c != ']' {
			return text[:i]
		}
	}
	return text
}

// userIn is the user of a connection string.
func userIn(text string) string {
	for _, key := range [...]string{"user id=", "userid=", "uid=", "user=", "username=", "user:", "username:"} {
		if _, rest, ok := strings.Cut(text, key); ok {
			rest = strings.TrimLeft(rest, " \"'")
			if i := strings.IndexAny(rest, ";\"'& ,\n"); i >= 0 {
				rest = rest[:i]
			}
			return rest
		}
	}
	return ""
}

// loginKind says what a password or key is worth together with the server
// beside it.
func (s *scan) loginKind(text string, a assigned, line int, otherwise *detect.Kind) *detect.Kind {
	if !passwordName(a.name) && a.name != "accountkey" && a.name != "sharedaccesskey" {
		return otherwise
	}
	host := s.serverNear(text, a, line)
	if host == "" {
		return otherwise
	}
	l := login{password: a.value, host: host, user: userIn(strings.ToLower(text[max(0, a.nameStart-300):min(len(text), a.valueEnd+300)]))}
	if !passwordName(a.name) {
		if strings.HasPrefix(host, "devstoreaccount") { // Microsoft's emulator
			return nil
		}
		return kindConnection
	}
	return s.loginIs(l)
}

// loginIs is what a login gives away in this file: in a test or in
// documentation little, where its host is one that is reserved for examples.
func (s *scan) loginIs(l login) *detect.Kind {
	kind := l.judge()
	if kind == kindConnection && s.test && reservedHost(l.host) {
		return kindTest
	}
	return kind
}

// reservedHost tells whether no server can have a name: RFC 2606, RFC 6761.
func reservedHost(host string) bool {
	host, _, _ = strings.Cut(strings.ToLower(host), ":")
	for _, end := range [...]string{".example", ".test", ".invalid", "example.com", "example.org", "example.net"} {
		if strings.HasSuffix(host, end) {
			return true
		}
	}
	return false
}
