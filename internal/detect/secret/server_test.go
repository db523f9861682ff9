package secret

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// strong is a password as a generator makes them.
var strong = token("Zk8vQ2", "mT9xLr4Wd7")

// keyOf64 is a key of 64 bytes in base 64.
var keyOf64 = token("Zk8vQ2mT9xLr4Wd7Hs6Jf0gP3nB5yCaE1uI7oM4qR8tV2wX6zK9", "jL3hD5fG1sN7bQ0pA4cY8mU2eT6iO9rW3xJ5kA==")

// The password of a server is found in whatever form of address it stands, and
// what is said of it depends on who can reach the server.
func TestServers(t *testing.T) {
	for _, c := range []struct{ name, path, text, want string }{
		{"SQL Server", "a.cs", `"Server=tcp:acme.database.windows.net,1433;Database=shop;User ID=app;Password=` + strong + `;Encrypt=True;"`, "connection"},
		{"in settings", "appsettings.json", `{"Shop":"Server=sql.acme.io;User ID=sa;Password=` + strong + `"}`, "connection"},
		{"in an attribute", "web.config", `<add connectionString="Server=sql.acme.io;User Id=sa;Password=` + strong + `" />`, "connection"},
		{"its container", "a.cs", `"Server=localhost,1433;User Id=sa;Password=Your_password123;"`, ""},
		{"filled in later", "a.cs", `$"Server={host};User Id=sa;Password={password};"`, ""},
		{"JDBC with parameters", "A.java", `"jdbc:mysql://db.acme.io:3306/x?user=root&password=` + strong + `";`, "connection"},
		{"JDBC on the same machine", "A.java", `"jdbc:postgresql://localhost/x?user=postgres&password=postgres";`, ""},
		{"JDBC with properties", "A.java", `"jdbc:sqlserver://sql.acme.io:1433;user=sa;password=` + strong + `;encrypt=true";`, "connection"},
		{"Oracle", "A.java", `"jdbc:oracle:thin:scott/` + strong + `@db.acme.io:1521/x"`, "connection"},
		{"Go's MySQL", "a.go", `dsn := "app:` + strong + `@tcp(db.acme.io:3306)/shop"`, "connection"},
		{"Go's MySQL on the same machine", "a.go", `dsn := "root:root@tcp(127.0.0.1:3306)/shop"`, ""},
		{"libpq", "a.py", `connect("host=db.acme.io dbname=x user=app password=` + strong + `")`, "connection"},
		{"arguments", "a.py", `connect(host="db.acme.io", user="app", password="` + strong + `")`, "connection"},
		{"settings beside each other", "application.yml",
			"url: jdbc:postgresql://db.acme.io:5432/shop\nusername: app\npassword: " + strong, "connection"},
		{"settings of a developer", "application.yml",
			"url: jdbc:postgresql://localhost:5432/shop\nusername: app\npassword: secret123", ""},
		{"variables beside each other", ".env", "DB_HOST=db.acme.io\nDB_PASSWORD=" + strong, "connection"},
		{"an example's host in documentation", "README.md", "postgres://app:" + strong + "@db.example.com/x", "in-test"},
		{"Azure storage", "a.cs", `"DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=` + keyOf64 + `"`, "token"},
		{"Azure's emulator", "a.cs", `"AccountName=devstoreaccount1;AccountKey=` + token("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq",
			"/K1SZFPTOtr/KBHBeksoGMGw==") + `;"`, ""},
		{"a service bus", "a.cs", `"Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKey=` + keyOf64[:43] + `="`, "connection"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(detecttest.IDs(New(), detecttest.File(c.path, "", c.text+"\n")), " "); got != c.want {
				t.Errorf("want %q, got %q", c.want, got)
			}
		})
	}
}

// Private keys without the header that says so, and what looks like them.
func TestKeysWithoutHeader(t *testing.T) {
	jwk := `{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"` + "%" + `}]}`
	for _, c := range []struct{ name, path, text, want string }{
		{"PKCS #1", "key.xml", "<key>" + token("MII", "BOgIBAAJBAvUfT86UCPZhnSBHe1LN541TCZErGi5V0d26WLZ4XGSe5p3NUVwUstcmgI0g") + "</key>", "private-key"},
		{"PKCS #8", "a.go", `"` + token("MC4", "CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF") + `"`, "private-key"},
		{"SEC 1", "a.go", `"` + token("MHc", "CAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY/PuoAoGCCqGSM49AwEHoUQDQgAE") + `"`, "private-key"},
		{"OpenSSH", "a.go", `"` + token("b3Blbn", "NzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZWQyNTUxOQ") + `"`, "private-key"},
		{"a key of OpenSSH in a test", "a_test.go", `"` + token("b3Blbn", "NzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZWQyNTUxOQ") + `"`, "in-test"},
		{"a public key", "a.go", `"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0g"`, ""},
		{"a certificate", "a.go", `"MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJRTESMBAGA1UEChMJQmFsdGlt"`, ""},
		{"a key of a curve for the web", "jwks.json", strings.Replace(jwk, "%", `,"d":"`+token("jpsQnnGQmL-YBIffH1136", "cspYG6-0iY7X1fCE9-E9LI")+`"`, 1), "private-key"},
		{"its public half", "jwks.json", strings.Replace(jwk, "%", `,"kid":"2026-a"`, 1), ""},
		{"a field d of something else", "a.json", `{"d":"` + token("jpsQnnGQmL-YBIffH1136", "cspYG6-0iY7X1fCE9-E9LI") + `"}`, ""},
		{"a symmetric key for the web", "a.json", `{"kty": "oct", "k": "` + token("KauWuCU3VCg2FHci", "atQJjX8giBRaj4WdIgJCI0NVBKQ") + `"}`, "private-key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(detecttest.IDs(New(), detecttest.File(c.path, "", c.text+"\n")), " "); got != c.want {
				t.Errorf("want %q, got %q", c.want, got)
			}
		})
	}
}

// Assignments as configuration and markup write them.
func TestAssigned(t *testing.T) {
	for _, c := range []struct{ name, path, text, want string }{
		{"a provider's variable", "deploy.sh", token("RAILWAY_", "TOKEN=7c1f0b9e-3d52-4a86-9e17-5b2c8d4f6a30"), "token"},
		{"a provider's variable counted up", "deploy.sh", "RAILWAY_TOKEN=12345678-1234-4a86-9e17-123456789aab", "generic"},
		{"any other UUID", "a.sh", "REQUEST_NUMBER=7c1f0b9e-3d52-4a86-9e17-5b2c8d4f6a30", ""},
		{"an element", "settings.xml", "<password>" + strong + "</password>", "password"},
		{"an element that is filled in", "settings.xml", "<password>${env.PASSWORD}</password>", ""},
		{"two attributes", "web.config", `<add key="DbPassword" value="` + strong + `"/>`, "password"},
		{"two lines", "k.yaml", "- name: DB_PASSWORD\n  value: " + strong, "password"},
		{"two lines of another", "k.yaml", "- name: DB_PASSWORD\n  valueFrom: " + strong, ""},
		{"an entity", "a.html", `<b onclick="alert(&quot;password:Quay88Lantern!&quot;)">x</b>`, "password"},
		{"odd characters without quotes", "db.yaml", "db_pass: " + token("r[7}w(q$Zt&9", "!kd>_x"), "password"},
		{"code without quotes", "a.yaml", "password: secrets[0](name){x}", ""},
		{"a name with more behind it", "a.py", "apikey_billing = \"" + token("r{7}w(q)$Zt&9", "!kd>_x") + "\"", "generic"},
		{"an encrypted value", "a.yaml", "password: ENC[AES256_GCM,data:8J2k3mN5pQ==,type:str]", ""},
		{"a hash", "seed.ts", `password: "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"`, ""},
		{"a place in a vault", "a.yaml", "password: vault:secret/data/db#password1", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(detecttest.IDs(New(), detecttest.File(c.path, "", c.text+"\n")), " "); got != c.want {
				t.Errorf("want %q, got %q", c.want, got)
			}
		})
	}
}
