package redact

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// core is what must not be left of any planted secret.
const core = "Sw0rdf1sh"

// planted are secrets as changes hold them; each holds core.
var planted = []string{
	"https://deploy:Sw0rdf1sh@host.example/x.git", "https://Sw0rdf1sh@host.example", "postgres://u:p@Sw0rdf1sh/w@db:5432/x",
	"redis://:Sw0rdf1sh@cache:6379/0", "mongodb+srv://u:Sw0rdf1sh@c.example/x?retry=true", "root:Sw0rdf1sh@tcp(db:3306)/x",
	"jdbc:postgresql://db/x?user=u&password=Sw0rdf1sh", "jdbc:oracle:thin:scott/Sw0rdf1sh@db:1521/x", "sqlplus scott/Sw0rdf1sh@db",
	"Authorization: Bearer Sw0rdf1sh", `curl -H "Authorization: Basic Sw0rdf1sh=="`, "bearer Sw0rdf1sh",
	`-H 'X-Api-Key: Sw0rdf1sh'`, "Cookie: session=Sw0rdf1sh",
	`-H "PRIVATE-TOKEN: Sw0rdf1sh"`, "Authorization=token Sw0rdf1sh",
	"CREATE USER a IDENTIFIED BY 'Sw0rdf1sh'", "identified by Sw0rdf1sh",
	"IDENTIFIED WITH mysql_native_password BY 'x''Sw0rdf1sh'", "IDENTIFIED BY VALUES 'Sw0rdf1sh'",
	"CREATE ROLE a LOGIN PASSWORD 'Sw0rdf1sh'", "ALTER ROLE a ENCRYPTED PASSWORD Sw0rdf1sh", "WITH PASSWORD = N'Sw0rdf1sh'",
	"SET PASSWORD FOR a = PASSWORD('Sw0rdf1sh')",
	"alter user a password Sw0rdf1sh", "CREATE CREDENTIAL c WITH IDENTITY = 'x', SECRET = 'Sw0rdf1sh'", `CREDENTIALS "Sw0rdf1sh"`,
	"--token Sw0rdf1sh", "--token=Sw0rdf1sh", "--db-password 'Sw0rdf1sh'", `["--password", "Sw0rdf1sh"]`, "--api-key=\"a Sw0rdf1sh\"",
	"docker login -u me -p Sw0rdf1sh registry.example", "mysql -u root -pSw0rdf1sh -e x", "sshpass -p 'Sw0rdf1sh' ssh host",
	"mysqldump -p'Sw0rdf1sh' x",
	"redis-cli -a Sw0rdf1sh flushall", "sqlcmd -S db -P Sw0rdf1sh", "curl -u me:Sw0rdf1sh https://host",
	`curl --user "me:Sw0rdf1sh"`, "ldapsearch -w Sw0rdf1sh",
	"kubectl create secret generic s --from-literal=x=Sw0rdf1sh", "openssl rsa -passin pass:Sw0rdf1sh",
	"ghp_Sw0rdf1shaaaaaaaaaaaaaaaaaaaaaaaaaaa", "github_pat_11AAAA_Sw0rdf1sh", "glpat-Sw0rdf1shaaaaaaaa", "xoxb-1234-5678-Sw0rdf1sh",
	"https://hooks.slack.com/services/T0/B0/Sw0rdf1sh", "sk_live_Sw0rdf1shaaaa", "rk_test_Sw0rdf1shaaaa", "whsec_Sw0rdf1shaaa",
	"npm_Sw0rdf1shaaaaaaaaaaaaaaa",
	"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.Sw0rdf1sh",
	"-----BEGIN RSA PRIVATE KEY-----\nMIISw0rdf1sh\n-----END RSA PRIVATE KEY-----", "-----BEGIN OPENSSH PRIVATE KEY----- Sw0rdf1sh",
	"fo1_Sw0rdf1shaaaaaaaa", "napi_aaaaaSw0rdf1shaaaa", "rnd_Sw0rdf1shaaaa", "nfp_Sw0rdf1shaaaa", "x_vcp_Sw0rdf1shaaaa",
	"tgp_v1_Sw0rdf1shaaaa", "dnkey-Sw0rdf1shaaaa", "HRKU-Sw0rdf1shaaaa", "sb_secret_Sw0rdf1shaaaa", "cfut_Sw0rdf1shaaaa",
	"AIzaSw0rdf1shaaaaaaaaaaaa", "SG.Sw0rdf1shaaaa.aaaa", "sk-ant-api03-Sw0rdf1shaaaaaaaa",
	"123456789:AASw0rdf1shaaaaaaaaaaaaaaaaaaaaaaaaa",
	"Server=db;User Id=sa;Password=Sw0rdf1sh;", "DefaultEndpointsProtocol=https;AccountKey=Sw0rdf1sh==",
	"Endpoint=sb://x/;SharedAccessKey=Sw0rdf1sh", "host=db password=Sw0rdf1sh",
	"DB_PASSWORD=Sw0rdf1sh", "export API_KEY='Sw0rdf1sh'", "ENV DB_PASS Sw0rdf1sh", "password: Sw0rdf1sh",
	`"client_secret": "Sw0rdf1sh"`, "secret_key_base => 'Sw0rdf1sh'", "passwd := `Sw0rdf1sh`",
	"aws_secret_access_key Sw0rdf1sh", "?access_token=Sw0rdf1sh&x=1", "https://x.blob.example/c?sv=1&sig=Sw0rdf1sh",
	"<password>Sw0rdf1sh</password>",
	"{name: DB_PASSWORD, value: Sw0rdf1sh}", `{"name":"API_TOKEN","value":"Sw0rdf1sh"}`,
	"machine host login me password Sw0rdf1sh", "//registry.example/:_authToken=Sw0rdf1sh",
	"password = 'x' + 'Sw0rdf1sh'", `token: "a" "Sw0rdf1sh"`, "'IDENTIFIED BY ' 'Sw0rdf1sh'", "pass\u200bword=Sw0rdf1sh",
	`key = "gh" + "p_Sw0rdf1shaaaa"`, `"key = \"ghp_\" + \"Sw0rdf1shaaaa\""`,
	"fix: log in with https://me:Sw0rdf1sh@host (#12)", "config/ghp_Sw0rdf1shaaaaaaaaaaaa.yml", "conf/password=Sw0rdf1sh.txt",
	`DROP TABLE "token=Sw0rdf1sh"`,
	`password=Sw0"rdf1sh"`, `PGPASSWORD="Sw0"'rdf1sh' psql`, "-e MYSQL_ROOT_PASSWORD=Sw0rdf1sh",
}

// Each sort of secret is taken out, whatever stands before and after it.
func TestPlanted(t *testing.T) {
	for _, s := range planted {
		if got := Text(s); strings.Contains(got, core) || strings.Contains(got, "rdf1sh") || !strings.Contains(got, Mark) {
			t.Errorf("%q is left as %q", s, got)
		}
	}
}

// innocent are texts of findings in which nothing is secret.
var innocent = []string{
	"users", "public.users", "aws_db_instance.main", "StatefulSet db/postgres", "id-token: write", "contents: read to write",
	"GITHUB_TOKEN: write-all",
	"password: ${{ secrets.DB_PASSWORD }}", "token: ${TOKEN}", "password = var.db_password", "secrets: inherit", "retention 30 to 1 days",
	"node:20.1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef to node:latest", "npm:lodash@4.17.21",
	"git@github.com:acme/shop.git",
	"https://github.com/acme/shop/blob/main/a@b.go", "http://host:8080/a@b", "actions/checkout@v4 to actions/checkout@main",
	"docker run -p 8080:80 -u 1000:1000 web",
	"mkdir -p build/out", "ssh -p 22 host", "basic authentication", "bearer tokens", "the password policy changed",
	"PASSWORD EXPIRE NEVER", "author: ana",
	"0123456789abcdef0123456789abcdef01234567", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
	"com.example.payments.OrderRepositoryTest", "db/migrate/20260101000000_add_index_to_users.rb",
	"AddIndexToUsersOnEmailAndTenant20260101", "primary_key", "foreign_key: orders", "tokenizer", "rm -rf /var/lib/postgresql",
	"kubectl delete namespace prod",
	"DELETE FROM sessions WHERE token IS NULL", "napi_create_threadsafe_function",
	"polar_coordinatesystem", "password --stdin", "--password-stdin", "a: b", "",
}

// What is no secret stays as it is: a finding must say what it is about.
func TestInnocent(t *testing.T) {
	for _, s := range innocent {
		if got := Text(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

// Whatever is planted between whatever else is taken out, and stays out.
func TestPlantedAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		around := rapid.SampledFrom([]string{"", " ", "\n", "; ", "users ", " (x) ", "é ", " && ", ", ", "SELECT 1; ", " | sh ",
			"to ", "= "})
		s := rapid.SampledFrom(innocent).Draw(t, "left") + " " + around.Draw(t, "before") + rapid.SampledFrom(planted).Draw(t, "secret") +
			around.Draw(t, "after") + " " + rapid.SampledFrom(planted).Draw(t, "other") + " " + rapid.SampledFrom(innocent).Draw(t, "right")
		got := Text(s)
		if strings.Contains(got, core) {
			t.Fatalf("%q is left as %q", s, got)
		}
		if again := Text(got); strings.Contains(again, core) || !strings.Contains(again, Mark) {
			t.Fatalf("%q became %q and then %q", s, got, again)
		}
	})
}

// In a long text only what is around a word is looked at: a secret is found there as
// it is alone, and taken out to its end however long it is.
func TestPlantedInLongTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		pad := func(label string) {
			for range rapid.IntRange(0, 30).Draw(t, label) {
				b.WriteString(rapid.SampledFrom(innocent).Draw(t, label) + rapid.SampledFrom([]string{" ", "\n", ", "}).Draw(t, label))
			}
		}
		pad("before")
		for range rapid.IntRange(1, 4).Draw(t, "secrets") {
			b.WriteString("\n" + rapid.SampledFrom(planted).Draw(t, "secret") + "\n")
			pad("between")
		}
		long := strings.Repeat("x", rapid.IntRange(1, 1200).Draw(t, "long"))
		b.WriteString("\npassword: \"" + long + core + "\"\nghp_" + long + core + "\n")
		pad("after")
		if got := Text(b.String()); strings.Contains(got, core) {
			t.Fatalf("%q is left as %q", b.String(), got)
		}
	})
}

// A secret that quotes divide anywhere is found as if they were not there.
func TestPlantedInPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		token := rapid.SampledFrom([]string{"ghp_Sw0rdf1shaaaaaaaaaaaaaaaa", "sk_live_Sw0rdf1shaaaaaa", "AKIASW0RDF1SHAAAAAAA",
			"xoxb-12345678-Sw0rdf1sh"}).Draw(t, "token")
		glued := rapid.SampledFrom([]string{`" + "`, `' || '`, `""`, `' . '`, "` + `", `" \
  "`, "\u200b"}).Draw(t, "glue")
		cut := rapid.IntRange(1, len(token)-1).Draw(t, "cut")
		s := `"` + token[:cut] + glued + token[cut:] + `"`
		if got := Text(s); !strings.Contains(got, Mark) || strings.Contains(got, token[:cut]) && cut > 4 ||
			strings.Contains(got, token[cut:]) && len(token)-cut > 4 {
			t.Fatalf("%q is left as %q", s, got)
		}
	})
}

// A text of any bytes is taken, and what is taken out stays out.
func FuzzText(f *testing.F) {
	for _, s := range append(planted, innocent...) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		if again := Text(got); strings.Contains(got, Mark) && !strings.Contains(again, Mark) {
			t.Fatalf("%q became %q and then %q", s, got, again)
		}
	})
}

func BenchmarkInnocent(b *testing.B) {
	for b.Loop() {
		for _, s := range innocent {
			Text(s)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(innocent)), "ns/text")
}

func BenchmarkPlanted(b *testing.B) {
	for b.Loop() {
		for _, s := range planted {
			Text(s)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(planted)), "ns/text")
}
