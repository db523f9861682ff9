package redact

import (
	"regexp"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/detect/tokenform"
	"github.com/gatehold/gatehold/internal/pattern"
)

// rule finds one sort of secret by an expression. The secret is its last group
// that matched, or all of it.
type rule struct {
	regex func() *regexp.Regexp
	words []string                // one must stand in the text, without case; nil: no matter
	more  func() []string         // further words, which are only gathered when a text is read
	keep  func(value string) bool // says of a value that it is none
	named bool                    // what stands before the value is a name, which may say that it is none

	// goesOn says cheaply whether what follows one of words may be a match's; nil:
	// it may.
	goesOn func(rest string) bool
	narrow bool // a match begins within a few bytes before the end of the word
}

// Parts of expressions.
const (
	literal = `(?:N|E|B|X|U&|n|e|b|r|f)?"(?:[^"\\]|\\.)*"?|(?:N|E|B|X|U&|n|e|b|r|f)?'(?:[^'\\]|''|\\.)*'?|` + "`[^`]*`?"
	bare    = `[^\s"'` + "`" + `;&|)}>]`
	more    = `[^\s"'` + "`" + `;&|)}>,:\]]`
	value   = `(?:(?:` + literal + `)(?:` + literal + `|` + more + `+)*|` + bare + `+(?:"[^"\s]*"|'[^'\s]*'|` + more + `+)*)`

	// secret is a part of the names that secrets are given.
	secret = `passw(?:or)?d|passphrase|passcode|pwd|secret|token|credential|api[_.\- ]?key|access[_.\-]?key|` +
		`(?:private|account|encryption|signing|master|service|client|storage|shared|license|deploy|secret|session|` +
		`auth|app|ssh|admin|root|jwt|hmac|crypt|cipher)[_.\-]?key|` +
		`signature|connection[_.\-]?string|conn[_.\-]?str|session[_.\-]?id|_pass|pass_|dbpass|_pw|_auth`
	names = `[A-Za-z0-9_.\-]*(?:` + secret +
		`)[A-Za-z0-9_.\-]*|\b(?:pass|sig|sas|dsn|pw|cookie|set-cookie|auth|authorization|otp|jwt|connectionstring|x-[a-z\-]*auth[a-z\-]*)`
)

// named are words that stand in every text in which a name announces a secret.
var named = []string{"pass", "pwd", "secret", "token", "credential", "key", "signature", "conn", "session", "_pw", "pw", "auth",
	"sig", "sas", "dsn", "cookie", "otp", "jwt"}

var rules = []rule{
	{regex: pattern.Of(formats), words: strings.Fields(beginnings), goesOn: token, narrow: true},
	{regex: newerForms, more: newerWords, keep: noDigit, goesOn: newer, narrow: true},
	{regex: pattern.Of(`(?s)-----BEGIN[A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----.*?(?:-----END[A-Z0-9 ]*-----|$)`),
		words: []string{"private key"}},
	{regex: pattern.Of(`(?i)(?:proxy-)?authorization["']?\s*(?:[:=,]|=>)\s*["']?\s*(?:(?:basic|bearer|token|digest|` +
		`negotiate|apikey|aws4-hmac-sha256)\s+)?([^"'` + "`" + `]+)`), words: []string{"authorization"}, keep: plain},
	{regex: pattern.Of(`(?i)\b(?:set-)?cookie["']?\s*[:=]\s*["']?([^"'` + "`" + `]+)`), words: []string{"cookie"}, keep: plain},
	{regex: pattern.Of(`(?i)\b(?:bearer|basic)\s+([^\s"'` + "`" + `,;)]{4,})`), words: []string{"bearer", "basic"}, keep: scheme},
	{regex: pattern.Of(`(?i)(?:` + names + `)["'\]` + "`" +
		`)]{0,3}\s*(?:::?=|=>|->|===?|!==?|\+=|\?=|=|:)\s*[(@\\]*(?:str\(|string\()?(` + value + `)`), words: named,
		keep: plain, named: true, goesOn: assigned},
	{regex: pattern.Of(`(?i)(?:^|[^a-z0-9])--?[a-z0-9\-]*(?:` + secret +
		`|pass|auth)[a-z0-9\-]*(?:\s*=\s*|\s+|["']\s*,?\s*)(` + value + `)`), words: named, keep: argument, named: true},
	{regex: pattern.Of(`(?i)--?from-literal[=\s]+["']?[^=\s]+=(` + value + `)`), words: []string{"from-literal"}},
	{regex: pattern.Of(`(?i)(?:^|[\s"'(,])(?:-u|--user|--proxy-user|--userpwd|-U)(?:\s*=\s*|\s+|["']\s*,` +
		`\s*)?["']?[^\s:"'=/]*[:%]([^\s"']+)`), words: []string{"-u", "user"}, keep: number},
	{regex: pattern.Of(`(?i)\b(?:sqlplus|sqlldr|expdp|impdp|rman|thin:|` +
		`oci:)\s*(?:-[sl]\s+)*["']?[A-Za-z0-9_$#]+/([^\s@"']+)`), words: []string{"sql", "exp", "imp", "rman", "thin:", "oci:"}},
	{regex: pattern.Of(`(?i)\b(?:openssl|-pass(?:in|out)?)\b.*?\bpass:(\S+)`), words: []string{"pass:"}},
	// Statements: IDENTIFIED BY 'x', PASSWORD 'x', SECRET = 'x', and the same with quotes gone.
	{regex: pattern.Of(`(?i)\bidentified\s+(?:with\s+\S+\s+)?(?:by|as|using)\s+(?:password\s+|values\s+|` +
		`random\s+)?\(?\s*(` + value + `)`), words: []string{"identified"}, keep: sqlWord},
	{regex: pattern.Of(`(?i)\b(?:password|passwd|passphrase|secret|credentials?|secret_key|old_password|hashed|` +
		`by\s+password|by\s+values|md5|sha256)\s*[=(]?\s*((?:` + literal + `)(?:` + literal + `|` + more + `+)*)`),
		words: []string{"pass", "secret", "credential", "hashed", "values", "md5", "sha256"}},
	{regex: pattern.Of(`\b(?:PASSWORD|PASSPHRASE)\s+(?:=\s*)?(` + value + `)`), words: []string{"passw", "passphrase"},
		keep: sqlWord},
	{regex: pattern.Of(`(?i)\b(?:login|user|role|machine)\s[^;]*?\bpassword\s+(?:=\s*)?(` + value + `)`),
		words: []string{"password"}, keep: sqlWord},
	// NAME value, as in a Dockerfile's ENV, and name and value as two fields.
	{regex: pattern.Of(`(?i)\b[a-z0-9_]*_(?:password|passwd|pass|pwd|secret|token|api_key|access_key|secret_key|` +
		`private_key|auth)\s+(` + value + `)`), words: named, keep: prose},
	{regex: pattern.Of(`(?i)(?:` + names +
		`)["']?[\s,;]+["']?(?:value|content|default|stringvalue|to|as)["']?\s*[:=]?\s*(` + value + `)`), words: named, keep: prose,
		goesOn: beside},
	{regex: pattern.Of(`(?i)<(?:` + names + `)[^<>]*>([^<]+)`), words: []string{"<"}},
}

// formats are tokens that are known by themselves. A token may be cut off: what
// is left of it is a secret still.
const formats = `(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA|AROA|AIDA|AGPA|ANPA)[A-Za-z0-9]{8,}` +
	`|gh[pousr]_[A-Za-z0-9]{6,}|github_pat_[A-Za-z0-9_]{6,}|v1\.[0-9a-f]{40}` +
	`|gl(?:pat|ptt|dt|rt|cbt|ft|soat|agent|imt)-[A-Za-z0-9_\-.]{6,}|GR1348941[A-Za-z0-9_\-]{6,}` +
	`|xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9\-]{6,}|xapp-[A-Za-z0-9\-]{6,}|hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_\-]+` +
	`|(?:sk|rk|pk)_(?:live|test|prod)_[A-Za-z0-9]{6,}|whsec_[A-Za-z0-9+/=]{6,}` +
	`|\beyJ[A-Za-z0-9_\-=]{6,}(?:\.[A-Za-z0-9_\-=]*){0,4}` +
	`|AIza[A-Za-z0-9_\-]{10,}|ya29\.[A-Za-z0-9_\-.]{6,}|GOCSPX-[A-Za-z0-9_\-]{6,}|\b1//0[A-Za-z0-9_\-]{20,}` +
	`|\bSG\.[A-Za-z0-9_\-]{10,}(?:\.[A-Za-z0-9_\-]+)?|\bkey-[0-9a-f]{32}|\bSK[0-9a-f]{32}|\bAC[0-9a-f]{32}` +
	`|npm_[A-Za-z0-9]{20,}|pypi-AgE[A-Za-z0-9_\-]{6,}|rubygems_[0-9a-f]{20,}|dckr_[a-z]+_[A-Za-z0-9_\-]{10,}|` +
	`\bhf_[A-Za-z0-9]{16,}|\boy2[a-z0-9]{43}` +
	`|\bsk-[A-Za-z0-9_\-]{16,}|\bxai-[A-Za-z0-9]{20,}|\bgsk_[A-Za-z0-9]{20,}|nvapi-[A-Za-z0-9_\-]{16,}|` +
	`\br8_[A-Za-z0-9]{20,}|\bpplx-[A-Za-z0-9]{20,}` +
	`|\bdo[opr]_v1_[0-9a-f]{16,}|\bhv[sbr]\.[A-Za-z0-9_\-]{16,}|\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_\-=]{16,}|` +
	`\bdp\.(?:pt|st|sa|ct|scim|audit)\.[A-Za-z0-9_\-.]{16,}` +
	`|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{16,}|\bglsa_[A-Za-z0-9_]{16,}|\bglc_[A-Za-z0-9+/=]{16,}|` +
	`\blin_api_[A-Za-z0-9]{16,}|\bATATT[A-Za-z0-9_\-=]{16,}|\bATCTT[A-Za-z0-9_\-=]{16,}` +
	`|\bdapi[0-9a-f]{30,}|\bpscale_[a-z]+_[A-Za-z0-9_\-.]{16,}|\bsntry[a-z]_[A-Za-z0-9+/=_]{16,}|\bNR(?:AK|II|JS|` +
	`RA)-[A-Za-z0-9\-]{10,}|\bPMAK-[A-Za-z0-9\-]{16,}` +
	`|\bsq0[a-z]{3}-[A-Za-z0-9_\-]{16,}|\bEAA[A-Za-z0-9]{20,}|\bfigd_[A-Za-z0-9_\-]{16,}|\bsbp_[0-9a-f]{16,}|` +
	`\bAGE-SECRET-KEY-1[A-Z0-9]{10,}|\bop_[A-Za-z0-9]{2,}_[A-Za-z0-9]{20,}` +
	`|\b[0-9]{8,10}:A[A-Za-z0-9_\-]{30,}|discord(?:app)?\.com/api/webhooks/[0-9]+/[A-Za-z0-9_\-]+|` +
	`webhook\.office\.com/\S+|\bLTAI[A-Za-z0-9]{12,}|\bAKCp[A-Za-z0-9]{10,}` +
	`|\bPuTTY-User-Key-File\S*.*|\bAPKA[A-Z0-9]{10,}|\bsecret_[A-Za-z0-9]{32,}|\bntn_[A-Za-z0-9]{20,}|` +
	`\bpat[A-Za-z0-9]{14}\.[0-9a-f]{20,}|\bdsk?-[A-Za-z0-9]{30,}`

// beginnings are words that stand in every token of formats.
const beginnings = `a3t akia asia abia acca aroa aida agpa anpa ghp_ gho_ ghu_ ghs_ ghr_ github_pat_
		v1. glpat- glptt- gldt- glrt- glcbt- glft- glsoat- glagent- glimt- gr1348941 xox xapp- hooks.slack.com/ _live_
		_test_ _prod_ whsec_ eyj aiza ya29. gocspx- 1//0 sg. key- sk ac npm_ pypi- rubygems_ dckr_ hf_ oy2 sk- xai- gsk_
		nvapi- r8_ pplx- _v1_ hvs. hvb. hvr. .atlasv1. dp. shpat_ shpca_ shppa_ shpss_ glsa_ glc_ lin_api_ atatt atctt
		dapi pscale_ sntry nrak- nrii- nrjs- nrra- pmak- sq0 eaa figd_ sbp_ age-secret-key op_ :a /api/webhooks/
		webhook.office.com/ ltai akcp putty-user apka secret_ ntn_ pat ds`

// newerBeginnings are what tokens begin with that stand in package tokenform as
// data, where that is enough to know them by.
var newerBeginnings = sync.OnceValue(func() []string {
	var out []string
	for _, f := range tokenform.Forms() {
		if !f.Alone {
			out = append(out, f.Prefixes...)
		}
	}
	return out
})

// newerWords are those beginnings as words of a text are looked for: in lower
// case.
func newerWords() []string {
	var out []string
	for _, p := range newerBeginnings() {
		out = append(out, strings.ToLower(p))
	}
	return out
}

// newerForms finds them, whole or cut off.
var newerForms = sync.OnceValue(func() *regexp.Regexp {
	var list []string
	for _, p := range newerBeginnings() {
		list = append(list, regexp.QuoteMeta(p))
	}
	return regexp.MustCompile(`(?:` + strings.Join(list, "|") + `)[A-Za-z0-9\-]{12,}[A-Za-z0-9_\-.+/=]*`)
})

// noDigit says of what begins like a token that it is a name: napi_create.
func noDigit(v string) bool { return !strings.ContainsAny(v, "0123456789") }

// words that a setting, a permission or a sentence has in a secret's place.
var ordinary = map[string]bool{}

func init() {
	for _, w := range strings.Fields(`write read none admin all read-all write-all inherit true false null nil
		undefined yes no on off required optional string text varchar char int integer bool boolean secret secrets token
		tokens password passwords auth authentication authorization scheme changed added removed missing empty unset
		default placeholder redacted hidden unknown expire expired never history reuse require lock unlock account
		policy policies validation verify verification current interval option options min max length login user for of
		in is was are not to from with and or the a an as by value values column table field key keys access permission
		permissions credential credentials header request type schema plain plaintext clear env environment`) {
		ordinary[w] = true
	}
}

// about are the ends of names that say something of a secret and do not hold it.
var about = pattern.Of(`(?i)(?:name|ref|file|path|type|ttl|size|length|expiry|expires|expiration|version|` +
	`enabled|format|algorithm|arn|header|field|column|policy|prefix|count|stdin|env|mode|provider|manager|` +
	`rotation|lifetime|[^n][_\-.]id|Id|KeyId|timeout|duration|days|limit|bytes|generator|store|class|` +
	`permissions?|scopes?)["'\]` + "`" + `)]{0,3}\s*(?:[:=,>!+?\-]|=>|$)`)

// bareOf takes the quotes off a value.
func bareOf(v string) string { return strings.Trim(v, "\"'`, .:\\\t\n") }

// plain says that a value is a setting or names where the secret is kept.
func plain(v string) bool {
	b := bareOf(v)
	return b == "" || ordinary[strings.ToLower(b)] || reference(b)
}

// prose is plain, or a word as sentences have them.
func prose(v string) bool {
	b := bareOf(v)
	return plain(v) || len(b) < shortest || strings.Trim(b, "abcdefghijklmnopqrstuvwxyz-/") == "" && !isQuote(v[0])
}

// scheme is what follows the words basic and bearer where no secret does.
func scheme(v string) bool {
	b := strings.ToLower(bareOf(v))
	return plain(v) || strings.HasPrefix(b, "auth") || strings.HasPrefix(b, "token") || strings.HasPrefix(b, "credential") ||
		strings.HasPrefix(b, "polic")
}

// argument is the value of a flag that is none: another flag, or a setting.
func argument(v string) bool { return v[0] == '-' || plain(v) }

// sqlWord is a word of the statement where a password may stand.
func sqlWord(v string) bool {
	b := bareOf(v)
	return b == "" || !isQuote(v[0]) && (ordinary[strings.ToLower(b)] || reference(b)) || v == "?" || v == "%s"
}

// number is a pair of ids, as in `-u 1000:1000`.
func number(v string) bool { return strings.Trim(v, "0123456789") == "" && len(v) <= 6 || reference(v) }

var referenceRE = pattern.Of(`^(?:\$\{\{[^{}]*\}\}|\$\{?[A-Z_][A-Z0-9_]*\}?|%[A-Z_][A-Z0-9_]*%|\$\(?\{?\{?$|` +
	`\{\{[^{}]*\}\}|<[A-Za-z_ \-]*>?` +
	`|(?:var|local|data|module|secrets|env|vars|inputs|github|steps|needs|process\.env|os\.environ|config|self|` +
	`this|settings|each|random_password)\.[A-Za-z_.]+` +
	`|(?:os\.getenv|os\.Getenv|getenv|ENV|env|os\.environ|fetch)[\[(].*|\*+|x{3,}|\.{2,}|…|\[redacted\])$`)

// reference says that a value names a variable, or stands for one.
func reference(v string) bool { return referenceRE().MatchString(v) }
