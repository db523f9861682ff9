package cloud

import "strings"

// sense says how an attribute's value is to be read.
type sense uint8

const (
	neutral   sense = iota
	guard           // worse when it is switched off, emptied or removed
	hazard          // worse when it is switched on
	amount          // worse when the number falls or the setting goes away
	versioned       // a TLS version or policy: worse when it is older
)

// meaning is what an attribute's name says.
type meaning struct {
	class Class
	sense sense
	// defaultOn hazards are on unless switched off: removing the "off" is worse.
	defaultOn bool
}

// synonyms folds spellings of one word. A leading "!" turns the sense round.
var synonyms = map[string]string{
	"encrypted": "encrypt", "encryption": "encrypt", "sse": "encrypt", "kms": "encrypt", "cmk": "encrypt", "cmek": "encrypt",
	"encrypts": "encrypt", "cse": "encrypt", "encrypter": "encrypt",
	"unencrypted": "!encrypt", "tde": "encrypt",
	"logs": "log", "logging": "log", "logged": "log", "logger": "log",
	"auditing": "audit", "audited": "audit", "audits": "audit",
	"backups": "backup", "snapshots": "snapshot", "buckets": "bucket", "acls": "acl",
	"deletion": "delete", "deletes": "delete", "destroy": "delete", "drop": "delete", "purge": "delete",
	"termination": "terminate", "protect": "protection", "protected": "protection",
	"publicly": "public", "private": "!public", "tls10": "oldtls", "tls11": "oldtls", "ssl3": "oldtls", "ssl30": "oldtls", "ssl2": "oldtls",
	"disabled": "!", "disable": "!", "disables": "!", "no": "!", "non": "!", "not": "!", "without": "!", "skip": "!", "prevent": "!",
	"block": "!", "blocked": "!", "restrict": "!", "restricted": "!", "ignore": "!", "deny": "!", "prohibit": "!",
	"reject": "!", "drop_invalid": "!",
	"insecure": "!secure", "passwordless": "!authentication", "unauthenticated": "anonymous",
	"auth": "authentication", "authenticate": "authentication", "authorized": "authorized",
	"versioned": "versioning", "scanning": "scan", "scans": "scan", "privilege": "privileged", "superuser": "privileged",
	"readonly": "read_only", "https": "tls", "ssl": "tls",
	"days": "period", "hours": "period", "limit": "period", "count": "period", "seconds": "period", "duration": "period",
	"minutes": "period",
	"weeks":   "period", "months": "period", "window": "period", "retained": "retention", "retain": "retention",
	"georedundant": "geo_redundant", "pitr": "point_in_time", "signing": "sign", "signed": "sign", "signature": "sign",
	"signatures": "sign",
	"verify":     "verification", "validate": "validation", "immutable": "immutability",
}

// wordsOf splits a name into folded words and says how many turn it round.
func wordsOf(name string) (words map[string]bool, flips int) {
	words = map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(name),
		func(r rune) bool { return r == '_' || r == '.' || r == '-' || r == ':' || r == '/' || r == ' ' }) {
		if s, ok := synonyms[w]; ok {
			if strings.HasPrefix(s, "!") {
				flips++
				s = s[1:]
			}
			w = s
		}
		if w != "" {
			words[w] = true
		}
	}
	return words, flips
}

// rule reads a name by its words: all of them, and none of the forbidden ones.
type rule struct {
	all   string // words, all needed; "a|b" is either
	none  string
	means meaning
}

// The rules, first match counts. Order is from the narrow to the broad.
var rules = compileRules([]rule{
	// Deletion. The bare word is a verb of many permissions and events, so a second one is needed.
	{all: "delete protection", none: "period", means: meaning{class: DeletionUnguarded, sense: guard}},
	{all: "terminate protection", means: meaning{class: DeletionUnguarded, sense: guard}},
	{all: "delete force", means: meaning{class: DeletionUnguarded, sense: hazard}},
	{all: "delete backup automated", means: meaning{class: RecoveryWeakened, sense: hazard}},
	{all: "delete contents", means: meaning{class: DeletionUnguarded, sense: hazard}},
	{all: "api terminate", means: meaning{class: DeletionUnguarded, sense: hazard}},
	{all: "allow delete", means: meaning{class: DeletionUnguarded, sense: hazard}},
	{all: "final snapshot", none: "identifier name prefix", means: meaning{class: RecoveryWeakened, sense: guard}},
	{all: "final backup", none: "identifier name prefix", means: meaning{class: RecoveryWeakened, sense: guard}},
	// Recovery and retention.
	{all: "soft delete", none: "period retention", means: meaning{class: RecoveryWeakened, sense: guard}},
	{all: "retention log|audit|cloudwatch|monitor|diagnostic|trail|flow|insights", means: meaning{class: LoggingWeakened, sense: amount}},
	{all: "retention", none: "mode unit action id name chunk cache memory", means: meaning{class: RecoveryWeakened, sense: amount}},
	{all: "recovery period", means: meaning{class: RecoveryWeakened, sense: amount}},
	{all: "delete period", none: "lifecycle message after", means: meaning{class: RecoveryWeakened, sense: amount}},
	{all: "point_in_time", none: "restore source", means: meaning{class: RecoveryWeakened, sense: guard}},
	{all: "point in time", none: "restore source", means: meaning{class: RecoveryWeakened, sense: guard}},
	{all: "geo redundant|backup", means: meaning{class: RecoveryWeakened, sense: guard}},
	{all: "geo_redundant", means: meaning{class: RecoveryWeakened, sense: guard}},
	{all: "versioning", means: meaning{class: RecoveryWeakened, sense: guard}},
	{all: "backup",
		none:  "start time schedule name id period arn role rule preferred region location type tags vault resources selection",
		means: meaning{class: RecoveryWeakened, sense: guard}},
	{all: "continuous backup", means: meaning{class: RecoveryWeakened, sense: guard}},
	{all: "object lock", none: "token", means: meaning{class: RecoveryWeakened, sense: guard}},
	{all: "binary log", means: meaning{class: RecoveryWeakened, sense: guard}},
	{all: "immutability", none: "mutability", means: meaning{class: RecoveryWeakened, sense: guard}},
	// Transport.
	{all: "oldtls", means: meaning{class: TLSWeakened, sense: hazard}},
	{all: "backend tls10|tls11|ssl30", means: meaning{class: TLSWeakened, sense: hazard}},
	{all: "minimum|min|minimal tls|protocol", means: meaning{class: TLSWeakened, sense: versioned}},
	{all: "tls policy|version|mode|protocols", none: "id", means: meaning{class: TLSWeakened, sense: versioned}},
	{all: "security policy", none: "id arn name configuration alert state", means: meaning{class: TLSWeakened, sense: versioned}},
	{all: "encrypt transit", none: "key id arn", means: meaning{class: TLSWeakened, sense: guard}},
	{all: "encrypt node|traffic|inter", means: meaning{class: TLSWeakened, sense: guard}},
	{all: "allow http", means: meaning{class: TLSWeakened, sense: hazard}},
	{all: "client certificate issue", means: meaning{class: AuthWeakened, sense: hazard}},
	{all: "client certificate", none: "arn id name pem data authority", means: meaning{class: AuthWeakened, sense: guard}},
	{all: "tls",
		none:  "certificate arn id cert name key port redirect passthrough ciphers listener health path timeout support domain",
		means: meaning{class: TLSWeakened, sense: guard}},
	{all: "secure transfer|transport|connection|cookie", means: meaning{class: TLSWeakened, sense: guard}},
	{all: "insecure|secure tls", means: meaning{class: TLSWeakened, sense: guard}},
	{all: "strict transport", means: meaning{class: TLSWeakened, sense: guard}},
	// Rest.
	{all: "encrypt", none: "context deploy period reuse spec algorithm usage alias bucket_policy grant",
		means: meaning{class: EncryptionWeakened, sense: guard}},
	{all: "customer managed key", means: meaning{class: EncryptionWeakened, sense: guard}},
	{all: "key vault key", none: "name permissions", means: meaning{class: EncryptionWeakened, sense: guard}},
	{all: "rotation enable", none: "lambda", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "key rotation", none: "period arn", means: meaning{class: HardeningRemoved, sense: guard}},
	// Observation.
	{all: "log audit|validation|access|flow|trail|connection|query|types|exports|publishing|type|category|enable|" +
		"delivery|disk|connections|disconnections|checkpoints|throttling|config|settings",
		none: "encrypt group_name prefix key stream role name s3_key", means: meaning{class: LoggingWeakened, sense: guard}},
	{all: "log level", means: meaning{class: LoggingWeakened, sense: guard}},
	{all: "log",
		none: "name prefix group id arn role key stream uri driver format bucket_policy retention_unit version size file " +
			"region destination_type max min", means: meaning{class: LoggingWeakened, sense: guard}},
	{all: "audit", none: "name role id arn prefix webhook", means: meaning{class: LoggingWeakened, sense: guard}},
	{all: "detector enable|enabled", means: meaning{class: LoggingWeakened, sense: guard}},
	{all: "recorder", none: "name role arn", means: meaning{class: LoggingWeakened, sense: guard}},
	{all: "monitoring", none: "role arn schedule id name notification integrity shielded",
		means: meaning{class: LoggingWeakened, sense: guard}},
	{all: "multi region trail", means: meaning{class: LoggingWeakened, sense: guard}},
	{all: "global service events", means: meaning{class: LoggingWeakened, sense: guard}},
	// Reach.
	{all: "external ip|ips", none: "name address", means: meaning{class: Exposed, sense: hazard}},
	{all: "public ip", none: "id ids address name prefix allocation sku dns zone count domain",
		means: meaning{class: Exposed, sense: hazard}},
	{all: "public network", none: "id ids name ip address", means: meaning{class: Exposed, sense: hazard, defaultOn: true}},
	{all: "public prevention", means: meaning{class: Exposed, sense: guard}},
	{all: "public access|accessible|cluster|endpoint|nodes|acl|bucket|policy|endpoints|ingress|blob|internet|" +
		"visibility|link|workers|rules|sharing|registry|instance|environment|service|connectivity|only",
		none:  "cidr cidrs key id ids ips ip port connection names name service dns fqdn resource zone approval private_link",
		means: meaning{class: Exposed, sense: hazard, defaultOn: true}},
	{all: "nested items be public", means: meaning{class: Exposed, sense: hazard, defaultOn: true}},
	{all: "anonymous", means: meaning{class: Exposed, sense: hazard}},
	{all: "internet facing", means: meaning{class: Exposed, sense: hazard}},
	{all: "uniform bucket level access", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "authorized networks|ranges|network|cidr|cidrs", means: meaning{class: IsolationWeakened, sense: guard}},
	{all: "virtual network filter", means: meaning{class: IsolationWeakened, sense: guard}},
	{all: "network policy|isolation", none: "id name arn", means: meaning{class: IsolationWeakened, sense: guard}},
	{all: "enhanced vpc routing", means: meaning{class: IsolationWeakened, sense: guard}},
	// Who may.
	{all: "local account|accounts|authentication", means: meaning{class: AuthWeakened, sense: hazard, defaultOn: true}},
	{all: "legacy abac|authorization", means: meaning{class: AuthWeakened, sense: hazard}},
	{all: "admin enable", means: meaning{class: AuthWeakened, sense: hazard}},
	{all: "admin enabled", means: meaning{class: AuthWeakened, sense: hazard}},
	{all: "basic authentication", none: "username user password", means: meaning{class: AuthWeakened, sense: hazard}},
	{all: "password authentication", means: meaning{class: AuthWeakened, sense: hazard, defaultOn: true}},
	{all: "shared access key", none: "name id", means: meaning{class: AuthWeakened, sense: hazard, defaultOn: true}},
	{all: "role based access", means: meaning{class: AuthWeakened, sense: guard}},
	{all: "rbac", means: meaning{class: AuthWeakened, sense: guard}},
	{all: "iam authentication", means: meaning{class: AuthWeakened, sense: guard}},
	{all: "iam database authentication", means: meaning{class: AuthWeakened, sense: guard}},
	{all: "mfa", none: "serial arn", means: meaning{class: AuthWeakened, sense: guard}},
	{all: "multi factor", means: meaning{class: AuthWeakened, sense: guard}},
	{all: "active directory", none: "id name domain", means: meaning{class: AuthWeakened, sense: guard}},
	{all: "authentication only", means: meaning{class: AuthWeakened, sense: guard}},
	{all: "authentication enable|enabled|required", means: meaning{class: AuthWeakened, sense: guard}},
	{all: "require|required approval|approving|reviews|status|sign|code|linear|conversation|mfa|two",
		none: "count dismissal name id", means: meaning{class: AuthWeakened, sense: guard}},
	{all: "enforce admins", means: meaning{class: AuthWeakened, sense: guard}},
	{all: "allows|allow force pushes|push", means: meaning{class: AuthWeakened, sense: hazard}},
	{all: "oslogin|os-login", means: meaning{class: AuthWeakened, sense: guard}},
	{all: "serial port", means: meaning{class: AuthWeakened, sense: hazard}},
	{all: "project ssh keys", means: meaning{class: AuthWeakened, sense: hazard}},
	// Power on the host.
	{all: "privileged", none: "ports port role mode_name user", means: meaning{class: Privileged, sense: hazard}},
	{all: "root access", none: "key point", means: meaning{class: Privileged, sense: hazard}},
	{all: "host network|pid|ipc", none: "project id name", means: meaning{class: Privileged, sense: hazard}},
	{all: "run as non root", means: meaning{class: Privileged, sense: guard}},
	{all: "read_only root filesystem", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "read only root filesystem|file", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "ip forward|forwarding", means: meaning{class: HardeningRemoved, sense: hazard}},
	// What keeps a system in shape.
	{all: "scan push|enable|enabled", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "vulnerability alerts|assessment", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "secure boot", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "integrity monitoring", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "vtpm", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "shielded nodes|instance", none: "config", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "auto|automatic repair|upgrade", none: "name", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "rotation period", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "xray|tracing enabled", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "remote debugging", means: meaning{class: HardeningRemoved, sense: hazard}},
	{all: "dashboard enabled", means: meaning{class: HardeningRemoved, sense: hazard}},
	{all: "azure policy", none: "id name", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "waf enabled", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "exfiltration protection", means: meaning{class: IsolationWeakened, sense: guard}},
	{all: "managed virtual network", none: "id name", means: meaning{class: IsolationWeakened, sense: guard}},
	{all: "acceptance required", means: meaning{class: AuthWeakened, sense: guard}},
	{all: "approving count", means: meaning{class: AuthWeakened, sense: amount}},
	{all: "oms agent", none: "id", means: meaning{class: LoggingWeakened, sense: guard}},
	{all: "georeplications", means: meaning{class: RecoveryWeakened, sense: guard}},
	{all: "binary authorization", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "security definition|profile|email|contact", none: "groups", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "security alert|center|hub", none: "id name arn email emails", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "threat detection|alert", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "source arn|account", none: "backup event mapping", means: meaning{class: TrustWidened, sense: guard}},
	{all: "attribute condition", means: meaning{class: TrustWidened, sense: guard}},
	{all: "permissions boundary", means: meaning{class: TrustWidened, sense: guard}},
	{all: "minimum|min password length", means: meaning{class: HardeningRemoved, sense: amount}},
	{all: "password reuse prevention", means: meaning{class: HardeningRemoved, sense: amount}},
	{all: "require|requires symbols|numbers|uppercase|lowercase|characters", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "invalid header fields", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "auto minor upgrade", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "automatic upgrade", none: "os name", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "quarantine policy", means: meaning{class: HardeningRemoved, sense: guard}},
	{all: "trust policy enable|enabled", means: meaning{class: HardeningRemoved, sense: guard}},
})

type compiledRule struct {
	all   [][]string
	none  []string
	means meaning
}

func compileRules(in []rule) []compiledRule {
	out := make([]compiledRule, len(in))
	for i, r := range in {
		for _, group := range strings.Fields(r.all) {
			out[i].all = append(out[i].all, strings.Split(group, "|"))
		}
		out[i].none = strings.Fields(r.none)
		out[i].means = r.means
	}
	return out
}

func (r *compiledRule) matches(words map[string]bool) bool {
	for _, group := range r.all {
		ok := false
		for _, w := range group {
			ok = ok || words[w]
		}
		if !ok {
			return false
		}
	}
	for _, w := range r.none {
		if words[w] {
			return false
		}
	}
	return true
}

// general are last words that say nothing without the name above them.
var general = map[string]bool{
	"enabled": true, "enable": true, "disabled": true, "status": true, "state": true, "mode": true, "days": true,
	"value": true, "policy": true, "period": true, "is_enabled": true, "retention_period": true, "default_action": true,
	"required": true, "active": true, "retention_in_days": true, "retention_days": true, "count": true, "log_type": true,
	"encryption_type": true, "encryption_option": true, "retained_backups": true, "unit": true, "level": true, "type": true,
	"restore_window": true, "is_default": true, "duration": true, "on": true, "issue_client_certificate": true,
	"internet": true, "rule": true,
}

// meaningOf reads the name of an attribute at path. The name itself decides
// where it says something; a name such as "enabled" is read with the one above it.
func meaningOf(typ string, path []string) meaning {
	if len(path) == 0 {
		return meaning{}
	}
	leaf := path[len(path)-1]
	if m, ok := typedOf(typ, path); ok {
		return m
	}
	if m, ok := exact[leaf]; ok {
		return m
	}
	name := leaf
	if general[leaf] && len(path) == 1 && leaf != "count" && typ != "" {
		_, kind, _ := strings.Cut(normalType(typ), "_")
		name = kind + "_" + leaf
	}
	if general[leaf] && len(path) > 1 {
		name = path[len(path)-2] + "_" + leaf
		if general[path[len(path)-2]] && len(path) > 2 {
			name = path[len(path)-3] + "_" + name
		}
	}
	return readName(name)
}

func readName(name string) meaning {
	words, flips := wordsOf(name)
	for i := range rules {
		r := &rules[i]
		if !r.matches(words) {
			continue
		}
		m := r.means
		if flips%2 == 1 && (m.sense == guard || m.sense == hazard) {
			if m.sense == guard {
				m.sense = hazard
			} else {
				m.sense, m.defaultOn = guard, false
			}
		}
		return m
	}
	return meaning{}
}
