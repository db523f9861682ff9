package secret

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// Tokens are put together here, so that no scanner takes this file for a leak.
func token(parts ...string) string { return strings.Join(parts, "") }

var leaks = []struct{ name, path, text, kind string }{
	{"GitHub", "a.txt", token("gh", "p_", "q8Zr3TnV0aLk7XwPf5Hs2YcB9mDjEu4GtR6o"), "token"},
	{"AWS", "a.tf", "access_key = \"" + token("AK", "IA", "Q7ZT3VW5XY2BNMJK") + "\"", "token"},
	{"Slack", "a.yml", "t: " + token("xo", "xb-", "263594206564-2343594206574-FGqddMF8t08v8N7Oq4i57vs1"), "token"},
	{"Stripe", "a.js", "const k = '" + token("sk_", "live_", "4eC39HqLyjWDarjtT1zdp7dc") + "'", "token"},
	{"JSON web token", "a.txt", token("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", ".", "eyJzdWIiOiI5ODc2NTQzMjEwIn0", ".",
		"h1xZ8pQ2vR5tYw7sLk3Nf0BcGdE4Jm6Ua9Xo"), "token"},
	{"Azure storage", "a.config", "AccountKey=" + token("lJzRc1YdHaAA2KCNJJ1tkYwF/+mKK6Ygw0NGe170Xu592euJv2wYUtBl",
		"V8z+qnlcNQSnIYVTkLWntUO1F8j8rQ=="), "token"},
	{"URL", "a.yml", "url: postgres://shop:" + token("k7Vd2", "pQx9") + "@db.example.net/shop", "connection"},
	{"password", "a.py", "password = '" + token("k7#Vd2", "pQx9") + "'", "password"},
	{"compared", "a.py", "if '" + token("k7#Vd2", "pQx9") + "' == password:", "password"},
	{"typed", "a.scala", "val password: String = \"" + token("exord13", "Paw64") + "\"", "password"},
	{"on a command line", "a.sh", "mysql --password " + token("Sne3sd", "8AZjq"), "password"},
	{"key", "a.env", "INTERNAL_TOKEN=" + token("9fK2vQ8sLx0", "Zr4Tn6YwB3mJd"), "generic"},
	{"on the next line", "a.py", "internal_token = (\n  \"" + token("9fK2vQ8sLx0", "Zr4Tn6YwB3mJd") + "\"\n)", "generic"},
	{"MySQL's flag", "a.sh", "mysqldump -h db1 -u root -p" + token("k7Vd2", "pQx9Rb3") + " shop", "password"},
	{"a registry", "a.json", `{"auths":{"r.example.net":{"auth":"` + token("cm9ib3Q6azdWZDJw", "UXg5UmIzWnM4") + `"}}}`, "password"},
	{"Telegram in an address", "a.sh", "curl https://api.telegram.org/bot" + token("7193846205:AA", "Hk3vQ9sLx0Zr4Tn6YwB3mJdPf8Gc2We5u") + "/x", "token"},
	{"a signing secret", "a.ts", "jwt.sign({ id }, '" + token("9fK2vQ8sLx0", "Zr4Tn6YwB3mJd") + "')", "token"},
	{"bytes", "app.py", "app.secret_key = b'" + token("9fK2vQ8sLx0", "Zr4Tn6YwB3mJd") + "'", "token"},
	{"Gradle", "a.gradle", "storePassword '" + token("k7Vd2", "pQx9Rb3") + "'", "password"},
	{"Rails", "config/master.key", token("9f2c81ab07d35e64", "b8a1c9d20e7f4365"), "token"},
	{"what jwt.io shows", "a.ts", "t: " + token("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", ".eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6Ikpva",
		"G4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"), "identifier"},
	{"a property list", "a.plist", "<key>SERVER_PASSWORD</key><string>" + token("k7Vd2", "pQx9Rb3") + "</string>", "password"},
	{"a first password", "a.yaml", "chpasswd:\n  list: |\n    root:" + token("k7Vd2", "pQx9Rb3"), "password"},
	{"recorded", "a.har", `{"name":"Authorization","value":"Bearer ` + token("9fK2vQ8sLx0", "Zr4Tn6YwB3mJd") + `"}`, "token"},
	{"of a role", "a.sql", "ALTER ROLE svc WITH PASSWORD '" + token("k7Vd2", "pQx9Rb3") + "';", "password"},
	{"pgpass", ".pgpass", "db.example.net:5432:app:svc:" + token("k7Vd2", "pQx9Rb3"), "password"},
	{"htpasswd", "a.sh", "htpasswd -b -c .htpasswd admin " + token("k7Vd2", "pQx9Rb3"), "password"},
	{"a cookie", "a.py", "h = {'Cookie': 'session=" + token("9fK2vQ8sLx0Zr4Tn6YwB", "3mJdH5cP7uXeG1aT") + "; Path=/'}", "token"},
	{"almost only letters", "a.swift", "static let clientSecret = \"" + token("BNRTQLcgMIkICfz3", "pLRtMEAUwGiKSRFj") + "\"", "generic"},
	{"PEM", "a.pem", exampleKey("\n"), "private-key"},
	{"PEM in one line", "a.json", `{"k": "` + exampleKey(`\n`) + `"}`, "private-key"},
	{"PEM in pieces", "A.java", strings.ReplaceAll(exampleKey("\n"), "\n", "\\n\"\n  + \""), "private-key"},
}

// exampleBody is put together from pieces, so that no scanner takes it for a
// live one.
const exampleBody = "MIIEowIBAAKCAQEA7u2Vt1Y0qZxk4sJ9fLrT5hWcB8oPdNgXiyEa3RjUmCvSOw6" + "\n" +
	"GKlHzQ0bDpFnM4t1IeYx8Z2JrVqL7T9sWcA5uPfoNgEydRhBiKmXjOvUS3Ck6aGl" + "\n"

func exampleKey(nl string) string {
	return "-----BEGIN " + "PRIVATE KEY-----" + nl + strings.ReplaceAll(exampleBody, "\n", nl) + "-----END " + "PRIVATE KEY-----" + nl
}

func TestLeaks(t *testing.T) {
	for _, c := range leaks {
		t.Run(c.name, func(t *testing.T) {
			got := detecttest.IDs(New(), detecttest.File(c.path, "", c.text+"\n"))
			if len(got) != 1 || got[0] != c.kind {
				t.Errorf("want %s, got %v", c.kind, got)
			}
			if again := detecttest.IDs(New(), detecttest.File(c.path, "x\n"+c.text+"\n", c.text+"\n\ny\n")); len(again) != 0 {
				t.Errorf("it was there before, but %v", again)
			}
		})
	}
}

// The secret itself must not get out, whatever found it.
func TestNeverRepeated(t *testing.T) {
	for _, c := range leaks {
		for _, o := range detecttest.Observe(New(), detecttest.File(c.path, "", c.text+"\n")) {
			shown, _, _ := strings.Cut(o.Detail, "…")
			if len(shown) > 4 {
				t.Errorf("%s: %q shows more than four characters", c.name, o.Detail)
			}
			for i := 0; i+6 <= len(c.text); i++ {
				if piece := c.text[i : i+6]; strings.Contains(o.Detail, piece) ||
					strings.ContainsAny(piece, "0123456789") && strings.Contains(o.Object, piece) {
					t.Errorf("%s: %q %q repeats %q", c.name, o.Object, o.Detail, piece)
				}
			}
		}
	}
}

func TestQuiet(t *testing.T) {
	for _, c := range []struct{ name, path, text string }{
		{"AWS's own example", "a.tf", token("AK", "IA", "IOSFODNN7EXAMPLE")},
		{"a variable", "a.yml", "password: ${DB_PASSWORD}\ntoken: $TOKEN\nsecret: {{ .Values.secret }}"},
		{"a reference", "a.tf", "password = var.db_password\ntoken = data.vault.token.value"},
		{"a call", "a.py", "password = os.environ['DB_PASSWORD']\ntoken = get_token(user1, 3)"},
		{"a placeholder", "a.yml", "api_key: insert_your_key_here1\npassword: changeme123\ntoken: xxxxxxxxxxxxxxxxxxxx1"},
		{"names that speak about secrets", "a.yml",
			"token_url: https://example.com/a1b2c3d4e5\nsecret_name: prod-db-2024-main1\nprimary_key: user_id_9182736455"},
		{"a hash of a lock file", "a.lock",
			"integrity sha512-pYAIzeRo8J6KPEaJ0VWOh5Pzkbw/RetuzehGM7QRRX5he4fPHx2rdKMB256ehJCkX+XRQm16eZLqLNS8RSZXZw=="},
		{"a hash of a role", "a.sql", "CREATE ROLE a PASSWORD 'SCRAM-SHA-256$4096:9fK2vQ8sLx0Zr4Tn6YwB'"},
		{"a name in mixed case", "a.ts", "const clientSecret = 'DefaultClientSecretSettings2Name'"},
		{"a port", "a.sh", "docker run --name mysql -p33060:33060 mysql:8"},
		{"a public key", "a.pem", strings.ReplaceAll(exampleKey("\n"), "PRIVATE", "PUBLIC")},
		{"a block without a key", "a.md", "-----BEGIN " + "PRIVATE KEY-----\n...\n-----END " + "PRIVATE KEY-----"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := detecttest.IDs(New(), detecttest.File(c.path, "", c.text+"\n")); len(got) != 0 {
				t.Errorf("got %v", got)
			}
		})
	}
}

// A comment that tells scanners to look away is not honoured.
func TestSuppressionIsIgnored(t *testing.T) {
	text := "password = '" + token("k7#Vd2", "pQx9") + "' # gitleaks:allow # nosec # pragma: allowlist secret\n"
	if got := detecttest.IDs(New(), detecttest.File("a.py", "", text)); len(got) != 1 {
		t.Errorf("got %v", got)
	}
}

// Every rule compiles, and each of its keywords can be met.
func TestRules(t *testing.T) {
	set := loaded()
	if len(set.rules) < 250 {
		t.Errorf("%d rules, expected those of gitleaks and our own", len(set.rules))
	}
	for _, r := range set.rules {
		r.compile()
		if len(r.Keywords) == 0 {
			t.Errorf("%s has no keyword and is never tried", r.ID)
		}
	}
}

// A line that holds every keyword again and again must not stall the judge.
func TestBounded(t *testing.T) {
	var b strings.Builder
	for _, r := range loaded().rules {
		for _, k := range r.Keywords {
			b.WriteString(k + "=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ")
		}
	}
	line := strings.ReplaceAll(b.String(), "\n", " ")
	f := detecttest.File("a.txt", "", strings.Repeat(line+"\n", 1+(2<<20)/len(line)))
	r := detect.NewReport(f.Path)
	New().Detect(&f, r)
	if len(r.Observations()) == 0 {
		t.Error("what was not looked at whole must be said")
	}
}

func FuzzDetect(f *testing.F) {
	detecttest.Seed(f, New())
	for _, c := range leaks {
		f.Add("", c.text)
	}
	paths := []string{"a.txt", "a.go", "a.yaml", "nuget.config"}
	f.Fuzz(func(t *testing.T, before, after string) {
		detecttest.Fuzz(t, New(), paths, before, after)
	})
}

func BenchmarkSource(b *testing.B) {
	line := "\tif err := s.store.Append(ctx, stream, version, records); err != nil { return fmt.Errorf(\"append: %w\", err) }\n" +
		"// offset is where a line begins, counted from the start of the text that was read.\n" +
		"func (s *scan) offset(line int) int { return s.offsets[line-1] }\n\tcfg.Token = os.Getenv(\"API_TOKEN\")\n"
	text := strings.Repeat(line, (1<<20)/len(line))
	f := change.File{Path: "a.go", Status: change.Added, Before: change.NoText(), After: change.TextOf(text)}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		New().Detect(&f, detect.NewReport(f.Path))
	}
}
