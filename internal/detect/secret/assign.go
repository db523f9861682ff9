package secret

import (
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tokenform"
)

// assignKeywords are parts of the names that secrets are given.
var assignKeywords = []string{"passw", "passphrase", "passwd", "pwd", "_pass", "pass_", "dbpass", "sqlpass", "secret", "token",
	"apikey", "api_key",
	"api-key", "accesskey", "access_key", "access-key", "privatekey", "private_key", "private-key", "auth_key", "authkey", "credential",
	"encryption_key", "encryptionkey", "signing_key", "signingkey", "client_key", "service_key", "master_key", "secret_key",
	"bearer", "identified by", "app_key",
	"-key", "_key", "key:", "key =", "key=", "pass:", "pass =", "pass=", "_pw", "pw:"}

// notSecrets are endings and parts of names that speak about a secret instead
// of holding one.
var notSecretEnd = []string{"_id", "id", "_name", "name", "_file", "file", "_path", "path", "_url", "url", "_uri", "uri",
	"_type", "type", "_length",
	"length", "_size", "size", "_field", "_label", "label", "_policy", "policy", "_ttl", "_expiry", "_expires", "expiration",
	"_version", "version", "_arn", "arn",
	"_enabled", "enabled", "_required", "required", "_prefix", "prefix", "_suffix", "_ref", "keyref", "_format", "_algorithm",
	"_hint", "_min", "_max",
	"_limit", "_count", "count", "_class", "_header", "header", "_param", "_env", "_var", "_key_base64_url", "_endpoint",
	"endpoint", "_dir", "_alias", "alias", "_source", "_store", "_manager", "_provider",
	"_regex", "_pattern", "_index", "_attribute", "_usage", "_status", "_state", "_date", "_at", "_time", "_timeout",
	"disabled", "_reset", "_rotation", "_check", "_validator", "_schema", "_mode", "_encryption", "_engine", "_scope", "_issuer",
	"_audience", "_spec", "checksum", "sha256"}

var notSecretPart = []string{"public", "keyboard", "monkey", "turkey", "keyword", "primary_key", "foreign_key", "partition",
	"sort_key", "hash_key", "range_key",
	"sitekey", "site_key", "publishable", "csrf", "xsrf", "tokeniz", "token_count", "max_token", "num_token", "prompt_token",
	"bypass", "compass", "passive",
	"passing", "passed", "passes", "idempotency", "cache-key", "cache_key",
	"restore-key", "secretkeyref", "secretref", "keyvault_name", "pad_token", "eos_token", "bos_token", "unk_token",
	"sep_token", "cls_token", "mask_token", "placeholder", "example",
	"group_key", "message_key", "translation_key", "label_key", "object_key", "s3_key", "storage_key", "row_key", "tag_key",
	"config_key", "kms_key", "kms_master_key", "primarykey", "foreignkey", "bucketkey", "bucket_key", "schemakey", "schema_key",
	"sequencekey", "naturalkey", "natural_key",
	"keymesh", "keying", "keyvault", "keycode", "keyframe", "keypress", "keyring", "keysize", "keystone", "keyselector",
	"keystroke", "key_board", "hotkey", "idxkey", "ssh_key_name", "key_pair", "keypair", "host_key", "cookie_name", "http_token"}

// assignments looks for name and value where a keyword stands in the name.
func (s *scan) assignments(l *change.Line, hits []hit) {
	if packed(l.Text) {
		return
	}
	last := -1
	for _, h := range hits {
		if h.rule >= 0 || h.end <= last || s.work > maxWork {
			continue
		}
		a, ok := assignment(l.Text, h.end)
		s.work += 200
		if !ok {
			if a, ok = compared(l.Text, a); !ok {
				continue
			}
		}
		a = within(l.Text, a)
		if last = max(h.end, a.valueEnd); a.name == "key" || a.name == "name" {
			last = h.end // what is called so is the name
		}
		if kind := s.judge(a); kind != "" && !slices.Contains(documented, fingerprint(a.value)) {
			f := found{kind: assignedKinds[kind], line: l.Number, start: a.valueStart, end: a.valueEnd, rule: "assigned-" + kind, secret: a.value}
			if kind == "credential" && s.test {
				f.kind = kindGeneric
			}
			f.kind = s.loginKind(l.Text, a, l.Number, f.kind)
			s.keep(f, l.Text, a.valueStart)
		}
	}
}

var assignedKinds = map[string]*detect.Kind{"password": kindPassword, "key": kindGeneric, "credential": kindToken}

// judge says what a value is: "password", "key", "credential" under the name
// that a provider's tools read one from, or "" for no secret.
func (s *scan) judge(a assigned) string {
	odd := !a.cut && unbalanced(a.value)
	switch v := a.value; {
	case !s.canBe(a, odd):
		return ""
	case tokenform.Named(a.name[strings.LastIndexByte(a.name, '.')+1:]) && providerValue(v):
		return "credential"
	case passwordName(a.name) && passwordLike(v) && (!s.labels || classify(v).digit > 1):
		return "password"
	case keyLike(v), a.quoted && plainName(a.name) && shuffled(v), (a.quoted || odd) && plainName(a.name) && strange(v):
		return "key"
	}
	return ""
}

// canBe tells whether a value can be a secret at all, by how it is written and
// what it is given to. An odd one is no code.
func (s *scan) canBe(a assigned, odd bool) bool {
	v := a.value
	if !a.quoted && (!s.bare && !a.flag || strings.ContainsAny(v, "()[]") && !odd || dotted(v)) {
		return false
	}
	return len(v) >= 6 && len(v) <= 300 && secretName(a.name) && !placeholder(v) && !pointsElsewhere(v)
}

// pointsElsewhere tells whether a value is a sentence, a template, an address
// or a path, and not the secret itself.
func pointsElsewhere(v string) bool {
	return strings.ContainsAny(v, " \t") || templated(v) || strings.Contains(v, "://") ||
		strings.HasPrefix(v, "/") || strings.HasPrefix(v, ".*") || kept(v) || strings.HasPrefix(v, "./") || strings.HasPrefix(v, "arn:")
}

// kept tells whether a value is encrypted or the hash of one, or says where the
// secret is kept.
func kept(v string) bool {
	for _, by := range [...]string{"ENC[", "ENC(", "!vault", "$ANSIBLE_VAULT", "!secret", "!ref", "!sub", "!env", "vault:", "ssm:", "awssm:",
		"secretsmanager:", "keyvault:", "sops:", "@Microsoft.KeyVault", "aws:kms:", "gcpsm:", "sm:", "file:", "env:", "awskms:",
		"$2a$", "$2b$", "$2y$", "$argon2", "$5$", "$6$", "$y$", "{SSHA", "{CRYPT", "pbkdf2", "$pbkdf2", "scrypt:", "SCRAM-SHA-256$"} {
		if len(v) >= len(by) && strings.EqualFold(v[:len(by)], by) {
			return true
		}
	}
	return false
}

func passwordName(name string) bool {
	return strings.Contains(name, "pass") || strings.Contains(name, "pwd") || strings.HasSuffix(name, "pw")
}

// templated tells whether a value holds a place to be filled in.
func templated(v string) bool {
	for _, fence := range [...][2]string{{"${", "}"}, {"{{", "}}"}, {"$(", ")"}, {"<%", "%>"}, {"#{", "}"}, {"<", ">"}} {
		i := strings.Index(v, fence[0])
		if i < 0 {
			continue
		}
		inner, _, ok := strings.Cut(v[i+len(fence[0]):], fence[1])
		if ok && !strings.ContainsAny(inner, "{}()[]<>#$") {
			return true
		}
	}
	return false
}

// plainName tells whether a name says that its value is the secret itself.
func plainName(name string) bool {
	for _, e := range [...]string{"secret", "secrete", "apikey", "api_key", "private_key", "secret_access_key", "password",
		"passwd", "token", "pass"} {
		if strings.HasSuffix(name, e) {
			return true
		}
	}
	for _, w := range [...]string{"apikey", "api_key", "secret", "password", "passwd"} {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}

// unbalanced tells whether a value has brackets that do not pair: what it is,
// it is no code.
func unbalanced(v string) bool {
	for _, pair := range [...]string{"()", "[]", "{}"} {
		if strings.Count(v, pair[:1]) != strings.Count(v, pair[1:]) {
			return true
		}
	}
	return false
}

// providerValue tells whether a value can be a credential that a provider made:
// an UUID, or a key of some length that nobody counted up.
func providerValue(v string) bool {
	l := strings.ToLower(v)
	for _, counted := range [...]string{"1234567", "abcdef", "deadbeef", "fake", "test", "sample", "mock"} {
		if strings.Contains(l, counted) {
			return false
		}
	}
	return len(v) >= 20 && keyLike(v)
}

// shuffled tells whether a value is as random as a generated one in its letters
// alone: keys of which chance left the digits out.
func shuffled(v string) bool {
	c := classify(v)
	return len(v) >= 24 && c.other == 0 && c.foreign == 0 && c.digit > 0 && c.upper*4 >= len(v) && c.lower*4 >= len(v) && entropy(v) > 4.3
}

// strange tells whether a value holds many different signs among its letters,
// as generated passwords do and no word does.
func strange(v string) bool {
	seen := map[byte]bool{}
	for i := 0; i < len(v); i++ {
		if strings.IndexByte("!#$%^&*(){}[]@?;>~", v[i]) >= 0 {
			seen[v[i]] = true
		}
	}
	return len(seen) >= 4 && entropy(v) > 3.5
}

func secretName(name string) bool {
	name = strings.Trim(name, "-_.$")
	for _, p := range notSecretPart {
		if strings.Contains(name, p) {
			return false
		}
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	for _, e := range notSecretEnd {
		if strings.HasSuffix(last, e) {
			return false
		}
	}
	return true
}

// dotted tells whether a bare value reads as code: var.db_password, os.Getenv.
func dotted(v string) bool {
	first, rest, ok := strings.Cut(v, ".")
	return ok && rest != "" && letters(first) && letters(strings.ReplaceAll(strings.ReplaceAll(rest, ".", ""), "_", ""))
}

func letters(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '_' {
			return false
		}
	}
	return s != ""
}

// classes are how many bytes of a value are of which sort; foreign are those of
// letters that are not in ASCII.
type classes struct{ lower, upper, digit, other, foreign int }

func classify(v string) (c classes) {
	for i := 0; i < len(v); i++ {
		switch b := v[i]; {
		case b >= utf8.RuneSelf:
			c.foreign++
		case b >= 'a' && b <= 'z':
			c.lower++
		case b >= 'A' && b <= 'Z':
			c.upper++
		case b >= '0' && b <= '9':
			c.digit++
		default:
			c.other++
		}
	}
	return c
}

// passwordLike tells whether a value given to a password reads as one: letters
// with digits or signs in them. What a label ends with is no sign.
func passwordLike(v string) bool {
	c := classify(strings.TrimRight(v, ":?.*"))
	if c.foreign*2 > len(v) {
		return false
	}
	signs := c.other - strings.Count(v, "_") - strings.Count(v, "-") - strings.Count(v, ".") - strings.Count(v, "/") - strings.Count(v, ":")
	if c.lower+c.upper == 0 {
		return c.digit >= 8 && entropy(v) > 2.5
	}
	return c.digit > 0 && entropy(v) > 2.5 || signs > 0 && entropy(v) > 2.2
}

// keyLike tells whether a value given to a key or token is random enough.
func keyLike(v string) bool {
	c := classify(v)
	if len(v) < 12 || c.foreign > 0 || c.digit == 0 || c.lower+c.upper == 0 || strings.Count(v, "/") > 3 && c.upper == 0 {
		return false
	}
	if c.other > len(v)/3 {
		return false
	}
	want := 3.3
	if len(v) >= 32 {
		want = 3.0
	}
	return entropy(v) >= want && c.digit*12 >= len(v)
}

// bareValues tells whether values stand without quotes in a file.
func bareValues(p string) bool {
	switch strings.ToLower(path.Ext(p)) {
	case ".env", ".yaml", ".yml", ".properties", ".ini", ".conf", ".cfg", ".txt", ".sh", ".bash", ".zsh", ".ps1", ".toml",
		".tfvars", ".config", ".cnf", ".spec", "":
		return true
	}
	return strings.Contains(path.Base(p), ".env") || strings.HasPrefix(path.Base(p), "Dockerfile")
}

// proseExt are the endings of documentation; what else lies beside it is run or
// served.
var proseExt = map[string]bool{".md": true, ".mdx": true, ".rst": true, ".txt": true, ".adoc": true, ".org": true, "": true}

// testPath tells whether a file belongs to tests, examples or documentation.
func testPath(p string) bool {
	l := strings.ToLower(p)
	for part := range strings.SplitSeq(l, "/") {
		switch part {
		case "docs", "doc":
			if proseExt[path.Ext(l)] {
				return true
			}
		case "test", "tests", "testdata", "__tests__", "spec", "specs", "fixtures", "fixture", "examples", "example", "mocks",
			"__mocks__", "testing", "e2e":
			return true
		}
	}
	base := path.Base(l)
	return strings.HasSuffix(base, ".md") || strings.HasSuffix(base, ".rst") || strings.Contains(base, "_test.") ||
		strings.Contains(base, ".test.") ||
		strings.Contains(base, ".spec.") || strings.HasPrefix(base, "test_") || strings.Contains(base, "example") ||
		strings.Contains(base, "sample")
}

// labelPath tells whether a file holds what people read, by language.
func labelPath(p string) bool {
	l := strings.ToLower(p)
	for part := range strings.SplitSeq(path.Dir(l), "/") {
		switch part {
		case "locale", "locales", "i18n", "l10n", "lang", "langs", "languages", "translations", "messages", "_locales", "intl", "nls":
			return true
		}
		if strings.HasSuffix(part, ".lproj") || strings.HasPrefix(part, "values-") {
			return true
		}
	}
	switch path.Ext(l) {
	case ".po", ".pot", ".xlf", ".xliff", ".resx", ".arb", ".strings", ".ftl":
		return true
	}
	return false
}
