package cloud

import (
	"embed"

	"github.com/gatehold/gatehold/internal/detect"
)

// What is said of a class, whichever language declared the resource. The
// examples are the languages' own.
//
//go:embed kinds
var files embed.FS

var names = [classes]string{
	StatefulDeleted:    "stateful-deleted",
	StatefulReplaced:   "stateful-replaced",
	StatefulReleased:   "stateful-released",
	DeletionUnguarded:  "deletion-unguarded",
	RecoveryWeakened:   "recovery-weakened",
	DataExpiry:         "data-expiry",
	EncryptionWeakened: "encryption-weakened",
	TLSWeakened:        "transport-weakened",
	LoggingWeakened:    "logging-weakened",
	Exposed:            "exposed",
	IsolationWeakened:  "isolation-weakened",
	WorldOpenAdmin:     "open-to-world-sensitive",
	WorldOpenPort:      "open-to-world",
	WorldOpenWeb:       "open-to-world-web",
	PolicyAdmin:        "grants-admin",
	PolicyWildcard:     "grants-wildcard",
	PolicySensitive:    "grants-sensitive",
	PolicyPublic:       "grants-public",
	TrustWidened:       "trust-widened",
	RoleBroad:          "grants-broad-role",
	AuthWeakened:       "authentication-weakened",
	Privileged:         "privileged",
	PlainSecret:        "plain-secret",
	HardeningRemoved:   "hardening-removed",
	ProtectionWeakened: "protection-weakened",
}

var shared = func() *detect.Kinds {
	k := detect.KindsOf("cloud", files)
	for _, name := range names {
		k.Of(name)
	}
	return k
}()

// KindsOf are the kinds of a detector's own set for some classes: those of what
// it can see at all.
func KindsOf(own *detect.Kinds, some ...Class) map[Class]*detect.Kind {
	own.Like(shared)
	out := make(map[Class]*detect.Kind, len(some))
	for _, c := range some {
		out[c] = own.Of(names[c])
	}
	return out
}

// Kinds are the kinds of a detector's own set that are classes of resources: one
// for each class. Protections of branches are declared in few languages: where a
// detector does not name a kind of its own for those, they are of authentication.
func Kinds(own *detect.Kinds) map[Class]*detect.Kind {
	own.Like(shared)
	out := make(map[Class]*detect.Kind, classes)
	for c, name := range names {
		if Class(c) != ProtectionWeakened {
			out[Class(c)] = own.Of(name)
		}
	}
	out[ProtectionWeakened] = out[AuthWeakened]
	return out
}
