package secret

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// supabase is a JSON web token as Supabase signs them for its clients.
func supabase(claims string) string {
	return token("ey", "JhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.") + base64.RawURLEncoding.EncodeToString([]byte(claims)) +
		".dGhpc2lzbm90YXJlYWxzaWduYXR1cmVidXRsb29rc2xpa2VvbmU"
}

// What looks like a secret by one sign and is none by another, and its
// neighbour that is one.
func TestNeighbours(t *testing.T) {
	google := token("AI", "zaSyBk3Jd8Qm2Zr7Lx5Wv9Tn4Yc1Hs6Pf0GuA")
	strong := token("Zk8vQ2", "mT9xLr4Wd7")
	pem := "-----BEGIN EC " + "PRIVATE KEY-----"
	for _, c := range []struct{ name, path, text, want string }{
		{"base 64 in generated code", "api.gen.go", "\t\"+zei6fc6Th1s9JI9g2e63YV6eTHHlNRTHZZJCOKuRpwdhTRb41cRlx1WWQoLP2MWWlGYp1n\",\n\t\"" +
			"6WjzCL2v0ulrXsgthyBjMPMHwYm1te0hzdym81wyOxsVEIjYvBzSrTT75ZA8LV1iMCB2lj2AYj3\",", ""},
		{"the sort of a key", "dns.tf", `customer_master_key_spec = "ECC_NIST_P256"`, ""},
		{"a label in another alphabet", "config/tr.yml", "password: Şifre", ""},
		{"a label with a colon", "src/form.ts", "password: 'Passwort:'", ""},
		{"a label in a folder of labels", "locales/de.json", `{"password": "Passwort2"}`, ""},
		{"a password in a folder of labels", "locales/de.json", `{"password": "` + strong + `"}`, "password"},
		{"the header of a key in a comment and a comparison", "signer.rb",
			"# a PEM key (" + pem + ") with real newlines, which the signer has to be given\nraise 'PEM!' unless pem.include?(\"" + pem + "\")", ""},
		{"the header of a key as a placeholder", "form.ts", `placeholder: "` + pem + `\n...",`, ""},
		{"a made-up key of a test", "redactor_test.py", `@parametrize("text", ["` + pem + `\nMIIabc\n-----END EC ` + `PRIVATE KEY-----"])`, ""},
		{"a key that is cut short", "README.md", pem + "\n" + exampleBody[:64] + "\n...\n-----END EC " + "PRIVATE KEY-----", ""},
		{"a service of the same machine", "config/dev.yml", "url: postgres://postgres:postgres@localhost:5432/shop", ""},
		{"a service of the same job", "ci.sh", "export BROKER=amqp://guest:guest@rabbitmq:5672 CACHE=redis://:redis@redis:6379", ""},
		{"the usual password of a server elsewhere", "config/app.yml", "url: postgres://postgres:postgres@db.acme.io:5432/shop", "password"},
		{"the usual password of a variable host", "config/app.yml", "url: postgres://postgres:postgres@${DB_HOST:-localhost}:5432/shop", ""},
		{"a password on the same network", "config/app.yml", "url: postgres://app:" + strong + "@db:5432/shop", "password"},
		{"a password of a server elsewhere", "config/app.yml", "url: postgres://app:" + strong + "@db.acme.io:5432/shop", "connection"},
		{"an URL that shows the form", "src/db.ts", "// postgres://user:password@db.acme.io:5432/name", ""},
		{"an URL with a key that shows the form", "vars.tf", `description = "Queue URL (rediss://:key@host:10000)."`, ""},
		{"a password from elsewhere", "config/app.yml", "url: postgres://app:${DB_PASSWORD}@db.acme.io/shop", ""},
		{"the password of a job's service", ".github/workflows/ci.yml", "SA_PASSWORD: Postgres-Password-123", "in-test"},
		{"another password in a job", ".github/workflows/ci.yml", "SA_PASSWORD: " + strong, "password"},
		{"the usual password in production", "docker-compose.prod.yml", "POSTGRES_PASSWORD: postgres123", "password"},
		{"a switch whose name speaks of passwords", "ci.sh", "sed -i 's|PASSWORD_RESET_DISABLED=.*|PASSWORD_RESET_DISABLED=0|' .env", ""},
		{"Firebase's key for browsers", "src/firebase.ts", "const c = { apiKey: '" + google + "', authDomain: 'acme.firebaseapp.com' }", "identifier"},
		{"a key of Maps in a page", "index.html", `<script src="https://maps.googleapis.com/maps/api/js?key=` + google + `"></script>`, "identifier"},
		{"a key of Maps in a component", "src/map.tsx", `<LoadScript googleMapsApiKey="` + google + `">`, "identifier"},
		{"a key that the bundler gives the browser", ".env", "VITE_GOOGLE_KEY=" + google, "identifier"},
		{"a key of Google for a server", "server/ai.py", "GEMINI_API_KEY = '" + google + "'", "token"},
		{"a key of Stripe in the browser", ".env", "NEXT_PUBLIC_KEY=" + token("sk_", "live_4eC39HqLyjWDarjtT1zdp7dc"), "token"},
		{"Supabase's anonymous role", "src/db.ts", "createClient(url, '" + supabase(`{"iss":"supabase","role":"anon"}`) + "')", "identifier"},
		{"Supabase's service role", "src/db.ts", "createClient(url, '" + supabase(`{"iss":"supabase","role":"service_role"}`) + "')", "token"},
		{"the same secret twice", "a.py", "a_token = '" + strong + "'\nb_token = '" + strong + "'", "generic"},
	} {
		t.Run(c.name, func(t *testing.T) {
			seen := detecttest.Observe(New(), detecttest.File(c.path, "", c.text+"\n"))
			got := ""
			for _, o := range seen {
				got += " " + strings.TrimPrefix(o.Kind.ID, "secret/")
			}
			if strings.TrimSpace(got) != c.want {
				t.Errorf("want %q, got %q", c.want, got)
			}
		})
	}
}

// A secret that stood in the file before is not new, wherever and however it
// stands there now; a longer one that holds it is.
func TestMoved(t *testing.T) {
	secret := token("gh", "p_5J6SC55afmZ3iEUmCG0ejem39zWFO9cNb22W")
	for _, c := range []struct{ name, before, after, want string }{
		{"written in another way", "TOKEN = \"" + secret + "\"\n", "TOKEN  =  '" + secret + "'\n", ""},
		{"moved", "a\n" + secret + "\nb\n", "b\na\nc " + secret + "\n", ""},
		{"indented", "password: \"Zk7qv2Lx9TtB\"\n", "db:\n  password: \"Zk7qv2Lx9TtB\"\n", ""},
		{"a key on one line", exampleKey("\n"), "KEY=\"" + exampleKey(`\n`) + "\"\n", ""},
		{"a part of another before", "password: \"Zk7qv2Lx9TtBextra9\"\n", "password: \"Zk7qv2Lx9TtB\"\n", "password"},
		{"changed", "TOKEN = \"" + secret + "\"\n", "TOKEN = \"" + strings.Replace(secret, "iEUm", "Qw3r", 1) + "\"\n", "token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := strings.Join(detecttest.IDs(New(), detecttest.File("a.yml", c.before, c.after)), " ")
			if got != c.want {
				t.Errorf("want %q, got %q", c.want, got)
			}
		})
	}
}
