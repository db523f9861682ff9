package agentconfig

import "strings"

// images looks for pictures and links that lead elsewhere: fetching one tells
// its host what an agent was made to put into the address.
func (v *view) images(text string) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		for at, tries := 0, 0; tries < 50; tries++ {
			i := strings.Index(line[at:], "http")
			if i < 0 {
				break
			}
			i += at
			at = i + len("http")
			if address := addressAt(line[i:]); address != "" {
				v.address(shownBy(line[:i]), address, n)
			}
		}
	}
}

// showing is how an address stands in a text.
type showing uint8

const (
	named   showing = iota // as words
	linked                 // behind a text that can be followed
	fetched                // where whoever shows the text fetches it
)

// shownBy reads how what follows is shown.
func shownBy(before string) showing {
	low := strings.ToLower(before[max(0, len(before)-160):])
	if open := strings.LastIndex(low, "<"); open >= 0 && !strings.Contains(low[open:], ">") {
		for _, tag := range []string{"<img", "<iframe", "<script", "<link", "<video", "<audio", "<source", "<object", "<embed", "<image",
			"<input", "<track"} {
			if strings.HasPrefix(low[open:], tag) {
				return fetched
			}
		}
	}
	if open := strings.LastIndex(low, "["); open >= 0 && (strings.HasSuffix(low, "](") || strings.HasSuffix(low, "](<")) {
		if strings.HasSuffix(low[:open], "!") && !strings.HasSuffix(low[:open], "[!") { // a linked picture is a badge
			return fetched
		}
		return linked
	}
	if strings.HasSuffix(low, "url(") || strings.HasSuffix(low, "url('") || strings.HasSuffix(low, "url(\"") {
		return fetched
	}
	if strings.HasPrefix(low, "[") && strings.HasSuffix(low, "]: ") {
		return linked
	}
	return named
}

func addressAt(s string) string {
	if !strings.HasPrefix(s, "http://") && !strings.HasPrefix(s, "https://") {
		return ""
	}
	return s[:endOf(s)]
}

func endOf(s string) int {
	depth := 0
	for i := range s {
		switch s[i] {
		case '{', '(':
			depth++
		case '<':
			if i > 0 && s[i-1] == '=' { // a placeholder: ?d=<summary of this>
				depth++
			}
		case '}':
			depth--
		case ')':
			if depth == 0 {
				return i
			}
			depth--
		case '>':
			if depth--; depth < 0 {
				return i
			}
		case ' ', '\n', '\t', '"', '\'', '`':
			if depth <= 0 || s[i] == '\n' {
				return i
			}
		}
	}
	return len(s)
}

// address judges one that the text shows.
func (v *view) address(how showing, address string, line int) {
	_, rest, _ := strings.Cut(address, "://")
	host, query, _ := strings.Cut(rest, "/")
	host = strings.ToLower(host)
	if how == named || strings.HasPrefix(host, "localhost") || strings.HasPrefix(host, "127.") {
		return
	}
	if what := carried(query); what != "" {
		v.add(exfiltration, line, bounded(host), "an address that carries "+bounded(what))
	}
	if how == fetched && !strings.HasSuffix(host, "github.com") && !strings.HasSuffix(host, "githubusercontent.com") &&
		!strings.HasSuffix(host, "shields.io") {
		v.add(beacon, line, bounded(host), "")
	}
}

// carried is the placeholder of a secret that stands in the query of an address.
func carried(query string) string {
	at := strings.IndexAny(query, "?#")
	if at < 0 {
		at = 0
	}
	low := strings.ToLower(query[at:min(len(query), at+1024)])
	if !strings.ContainsAny(low, "${<%") {
		return ""
	}
	for _, word := range []string{"token", "secret", "password", "passwd", "api_key", "apikey", "api-key", "credential", "access_key",
		"private_key", "session", "cookie", "history", "conversation", "aws_", "user_data", "summary", "prompt", "transcript"} {
		for from := 0; ; {
			i := strings.Index(low[from:], word)
			if i < 0 {
				break
			}
			i += from
			from = i + len(word)
			open := strings.LastIndexAny(low[:i], "${<%&=")
			if open >= 0 && low[open] != '&' && low[open] != '=' {
				return word
			}
		}
	}
	return ""
}

// imports looks for files of credentials that instructions take in: @~/.netrc
// stands for what is in it.
func (v *view) imports(text string) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		if !strings.Contains(line, "@") {
			continue
		}
		for field := range strings.FieldsSeq(line) {
			field = strings.Trim(field, "-*`,;")
			if name, ok := strings.CutPrefix(field, "@"); ok && outside(name) && (private(field) || private(field+"/")) {
				v.add(exfiltration, n, bounded(name), "is taken into what every agent is told")
			}
		}
	}
}
