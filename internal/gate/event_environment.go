package gate

import (
	"strings"
	"time"
)

// Asked records, on the stream of an environment, that GitHub asked about a
// deployment to it.
type Asked struct {
	Gate Subject `json:"gate"`
}

// Departed records, on the stream of an environment, that a deployment is being
// let go to it. Whether there is room is decided on the very version that this is
// written on, so that of two replicas one decides anew.
type Departed struct {
	Departure Departure `json:"departure"`
}

// Freed records, on the stream of an environment, that a deployment which was
// being let go was not, or has ended without having reached it.
type Freed struct {
	Gate string `json:"gate"` // the stream of its gate
}

// Kind names each event in the ledger.
func (Asked) Kind() string { return "asked" }

func (Departed) Kind() string { return "departed" }

func (Freed) Kind() string { return "freed" }

// Departure is a deployment that was let go to an environment and has not ended
// as far as is known.
type Departure struct {
	Gate         string `json:"gate"` // the stream of its gate
	Run          int64  `json:"run"`
	Attempt      int    `json:"attempt"`
	DeploymentID int64  `json:"deployment_id,omitempty"`
	SHA          string `json:"sha"`
}

// Ends reports whether it is how a deployment ended that was let go.
func (a Arrival) Ends(d Departure) bool {
	if d.DeploymentID != 0 {
		return a.DeploymentID == d.DeploymentID
	}
	return a.Gate == d.Gate && a.Run == d.Run
}

// SameEnvironment compares names of environments as GitHub does.
func SameEnvironment(a, b string) bool { return strings.EqualFold(a, b) }

// Landed records, on the stream of an environment, what reached it.
type Landed struct {
	Covers   uint64    `json:"covers"`
	Arrivals []Arrival `json:"arrivals,omitempty"`
	// Unsure are the statuses, by version, that are looked at again: GitHub does
	// not say yet that the job has ended which they are of.
	Unsure []uint64 `json:"unsure,omitempty"`
}

// Kind names the event in the ledger.
func (Landed) Kind() string { return "landed" }

// Arrival is a deployment that succeeded, or failed: as the job did that made it,
// and as its status says where no job did.
type Arrival struct {
	DeploymentID int64     `json:"deployment_id"`
	SHA          string    `json:"sha"`
	Run          int64     `json:"run,omitempty"` // 0: no workflow run made it
	At           time.Time `json:"at"`
	By           Actor     `json:"by"`
	// Gate is the stream of the gate that it passed; empty where there was
	// none, or where it went by it.
	Gate string `json:"gate,omitempty"`
	// Approved says that people approved it, or its going back to what they
	// had approved.
	Approved bool `json:"approved,omitempty"`
	// Failed says that it did not succeed: nobody knows then what runs there.
	Failed bool `json:"failed,omitempty"`
	// Again says that it was heard of this deployment before how it ended. A
	// status can be written by whoever may write deployments, and as often as
	// they like: what went out once does not go out again by that.
	Again bool `json:"again,omitempty"`
	// Found says that no event told of its end: it stands by At among the others,
	// which may have ended since.
	Found bool `json:"found,omitempty"`
}
