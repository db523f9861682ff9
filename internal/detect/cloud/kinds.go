package cloud

import "github.com/gatehold/gatehold/internal/detect"

// text is what is said of a class, whichever language declared the resource.
type text struct {
	id, title, why string
	risk           int
	controls       []string
}

var texts = [classes]text{
	StatefulDeleted: {"stateful-deleted", "deletes a resource that keeps data", "Applying the change destroys the resource and what it keeps: data, keys or names that no code can make again; only a backup that survives it brings it back.", 75,
		[]string{detect.ASI02, detect.ASI08, detect.MaestroL4, detect.Manage23}},
	StatefulReplaced: {"stateful-replaced", "replaces a resource that keeps data", "The provider cannot change this setting in place: it destroys the live resource with its data and creates an empty one.", 70,
		[]string{detect.ASI02, detect.ASI08, detect.MaestroL4, detect.Manage23}},
	DeletionUnguarded: {"deletion-unguarded", "removes a protection against deletion", "The protection is what makes a mistaken destroy fail; without it the next one goes through and takes the data along.", 60,
		[]string{detect.ASI02, detect.MaestroL4, detect.Manage24}},
	RecoveryWeakened: {"recovery-weakened", "weakens backups or recovery", "Fewer backups, versions or copies, or kept for a shorter time: what is lost afterwards cannot be brought back, and what is already past the new limit is deleted at once.", 55,
		[]string{detect.ASI02, detect.MaestroL2, detect.Manage23}},
	DataExpiry: {"data-expiry", "makes data expire", "Objects older than the new limit are deleted for good, existing ones included, soon after it is applied.", 50,
		[]string{detect.ASI02, detect.MaestroL2, detect.Manage23}},
	EncryptionWeakened: {"encryption-weakened", "weakens encryption at rest", "Data is then kept unencrypted, or with a key that its owner does not hold; whoever gets the disk, copy or bucket can read it.", 30,
		[]string{detect.NHI06, detect.MaestroL6, detect.Measure27}},
	TLSWeakened: {"transport-weakened", "weakens encryption in transit", "Traffic can then be read or changed on its way, credentials included.", 28,
		[]string{detect.NHI06, detect.MaestroL6, detect.Measure27}},
	LoggingWeakened: {"logging-weakened", "weakens logs or audit", "What happens afterwards leaves no trace, or one that is gone too soon: an attack, or an agent's mistake, can then not be told from normal work.", 30,
		[]string{detect.ASI10, detect.MaestroL5, detect.Manage41}},
	Exposed: {"exposed", "opens a resource to the public", "Anyone on the internet can then reach it; what was read or copied in the meantime cannot be taken back.", 50,
		[]string{detect.NHI06, detect.MaestroL4, detect.Measure27}},
	IsolationWeakened: {"isolation-weakened", "weakens network isolation", "The limit on who can reach the resource over the network is lifted, and one stolen credential is then enough.", 40,
		[]string{detect.NHI06, detect.MaestroL4, detect.Measure27}},
	WorldOpenAdmin: {"open-to-world-sensitive", "opens a sensitive port to the internet", "Shells, databases and consoles that face the internet are found and attacked within minutes.", 60,
		[]string{detect.NHI06, detect.MaestroL4, detect.Measure27}},
	WorldOpenPort: {"open-to-world", "opens a port to the internet", "Every address can then reach the port; whatever listens there has to withstand it.", 40,
		[]string{detect.NHI06, detect.MaestroL4, detect.Measure27}},
	WorldOpenWeb: {"open-to-world-web", "opens a web port to the internet that was closed", "Every address can then reach what only some could: right for a public site, wrong for anything internal.", 25,
		[]string{detect.NHI06, detect.MaestroL4, detect.Measure27}},
	PolicyAdmin: {"grants-admin", "grants administrator rights", "Whoever holds the identity, or steals it, can then do anything in the account, this gate's own ground included.", 65,
		[]string{detect.ASI03, detect.NHI05, detect.MaestroL4}},
	PolicyWildcard: {"grants-wildcard", "grants rights by wildcard", "The grant covers actions that nobody listed, deletion and access to data among them.", 45,
		[]string{detect.ASI03, detect.NHI05, detect.MaestroL4}},
	PolicySensitive: {"grants-sensitive", "grants sensitive actions on every resource", "These actions hand out credentials, permissions or data; allowed on every resource they lead from one identity to all others.", 40,
		[]string{detect.ASI03, detect.NHI05, detect.MaestroL4}},
	PolicyPublic: {"grants-public", "grants rights to everyone", "The statement lets identities outside of the organisation in; what they read or change in the meantime cannot be taken back.", 55,
		[]string{detect.ASI03, detect.NHI05, detect.NHI06, detect.MaestroL4}},
	TrustWidened: {"trust-widened", "widens who may take an identity", "Identities that could not before can then act with this one's rights.", 50,
		[]string{detect.ASI03, detect.NHI03, detect.NHI05}},
	RoleBroad: {"grants-broad-role", "grants a broad role", "The role reaches over everything below the place where it is given, far more than one task needs.", 40,
		[]string{detect.ASI03, detect.NHI05, detect.MaestroL4}},
	AuthWeakened: {"authentication-weakened", "weakens authentication or approval", "Shared keys, local accounts or missing checks let in whom the organisation's identity system would have stopped.", 35,
		[]string{detect.NHI04, detect.ASI03, detect.MaestroL6}},
	Privileged: {"privileged", "runs a workload with the host's rights", "Code in such a workload can take over the machine and everything else that runs on it.", 50,
		[]string{detect.ASI05, detect.NHI05, detect.MaestroL4}},
	PlainSecret: {"plain-secret", "writes a secret into the configuration", "The value stays in the history of the repository and in the state file for everyone who can read either; it has to be replaced, removing it is not enough.", 35,
		[]string{detect.NHI02, detect.NHI07, detect.MaestroL6}},
	HardeningRemoved: {"hardening-removed", "removes a hardening", "A check or limit that made attacks harder is gone; nothing breaks, so nobody notices.", 22,
		[]string{detect.NHI06, detect.MaestroL6, detect.Measure27}},
}

// Example is what shows a kind at work in one language. Empty texts are files
// that do not exist on that side.
type Example struct{ FiresBefore, Fires, QuietBefore, Quiet string }

// Kinds makes one kind per class for a detector. Every class needs an example.
func Kinds(detector, examplePath string, examples map[Class]Example) map[Class]*detect.Kind {
	out := make(map[Class]*detect.Kind, classes)
	for c := range classes {
		t, e := texts[c], examples[c]
		out[c] = &detect.Kind{ID: detector + "/" + t.id, Risk: t.risk, Title: t.title, Why: t.why, Controls: t.controls,
			ExamplePath: examplePath, FiresBefore: e.FiresBefore, Fires: e.Fires, QuietBefore: e.QuietBefore, Quiet: e.Quiet}
	}
	return out
}

// Ordered returns the kinds in the order of their classes.
func Ordered(kinds map[Class]*detect.Kind) []*detect.Kind {
	out := make([]*detect.Kind, 0, len(kinds))
	for c := range classes {
		if k := kinds[c]; k != nil {
			out = append(out, k)
		}
	}
	return out
}
