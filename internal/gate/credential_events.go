package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// Credential is the kind of the stream on which it is on record what a workload asked
// for, what it was given, and how that ended.
const Credential Kind = "credential"

// The steps of such a stream.
const (
	Uphold Step = "uphold" // is what a credential hangs on still as it was when it was given?
	Revoke Step = "revoke" // end a credential, and prove it
)

// Workload is who asks for a credential, as a token of an issuer proves it that the
// operator trusts.
type Workload struct {
	Issuer  string `json:"issuer"`
	Subject string `json:"subject"` // `sub`: shown and compared whole, never taken apart
	// Token stands for the token: the SHA-256, in hex, over its issuer and its `jti`,
	// or over all of it where it has none.
	Token string       `json:"token"`
	Until time.Time    `json:"until"`         // when it runs out
	Job   *WorkflowJob `json:"job,omitempty"` // of GitHub Actions
	// Claims are the others, of those that are text, numbers or truths, by name.
	Claims map[string]string `json:"claims,omitempty"`
}

// WorkflowJob is a job of GitHub Actions, as its token says. What is of no id is for
// people, but for what GitHub itself compares by name.
// https://docs.github.com/en/actions/reference/security/oidc
type WorkflowJob struct {
	Repo     int64  `json:"repository_id"`
	Owner    int64  `json:"repository_owner_id"`
	FullName string `json:"repository"` // owner/name, as it was called
	Run      int64  `json:"run_id"`
	Attempt  int    `json:"run_attempt"`
	CheckRun int64  `json:"check_run_id,omitempty"` // of the job; 0 where GitHub does not tell

	Environment string `json:"environment,omitempty"`
	SHA         string `json:"sha,omitempty"` // GitHub documents no such claim, and sends it
	Ref         string `json:"ref"`
	HeadRef     string `json:"head_ref,omitempty"`
	BaseRef     string `json:"base_ref,omitempty"`
	Event       string `json:"event_name"`

	// Workflow is OWNER/REPO/PATH@REF of the workflow that runs, JobWorkflow of the one
	// that the job is written in.
	Workflow       string `json:"workflow_ref"`
	WorkflowSHA    string `json:"workflow_sha,omitempty"`
	JobWorkflow    string `json:"job_workflow_ref"`
	JobWorkflowSHA string `json:"job_workflow_sha,omitempty"`

	Runner string `json:"runner_environment,omitempty"` // github-hosted, self-hosted
	By     int64  `json:"actor_id"`
	Login  string `json:"actor"`
}

// Stream is that of what a workload is given: of a job's attempt under its repository, or
// of a subject of any other issuer under none. It is a digest, for what an issuer says
// is any text.
func (w Workload) Stream() string {
	parts, repo := []string{w.Issuer, w.Subject}, int64(0)
	if j := w.Job; j != nil {
		repo = j.Repo
		parts = []string{w.Issuer, "job", strconv.FormatInt(j.Repo, 10), strconv.FormatInt(j.Run, 10), strconv.Itoa(j.Attempt),
			strconv.FormatInt(j.CheckRun, 10)}
	}
	return string(Credential) + "/" + strconv.FormatInt(repo, 10) + "/" + digestOf(parts...)[:32]
}

// TokenKey stands for a token, by what it is called by its issuer.
func TokenKey(issuer, jti string) string { return digestOf(issuer, jti) }

func digestOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// What a credential is.
const (
	InstallationToken = "installation_token" // of the App that holds what may be given
	IdentityToken     = "identity"           // signed by gatehold itself, for a cloud
)

// Wish is what a workload asks for.
type Wish struct {
	Rule     string   `json:"rule"` // id of a credential in the rules
	Type     string   `json:"type"`
	Audience []string `json:"audience,omitempty"` // of an identity
	// Repositories, by name, and Permissions are less than the rule allows, where the
	// workload needs less.
	Repositories []string          `json:"repositories,omitempty"`
	Permissions  map[string]string `json:"permissions,omitempty"`
}

// Grant is exactly what is given, and why it may be.
type Grant struct {
	ID     string    `json:"id"`          // of the request
	Token  string    `json:"token"`       // of the workload, which is used by it
	Usable time.Time `json:"token_until"` // when that runs out
	Wish
	Repo     Repo              `json:"repo"` // whose rules allow it
	RepoIDs  []int64           `json:"repository_ids,omitempty"`
	Claims   map[string]string `json:"claims,omitempty"` // of an identity, beside its own
	Lifetime string            `json:"lifetime"`         // a duration

	// Gate is the stream of the gate that it hangs on, at a version, with what that
	// gate showed when it let this pass. Empty where the rule asks for none.
	Gate      string     `json:"gate,omitempty"`
	Subject   *Subject   `json:"subject,omitempty"`
	Version   uint64     `json:"version,omitempty"`
	For       For        `json:"for,omitzero"`
	Approvers []Approver `json:"approvers,omitempty"`
	RulesFile string     `json:"rules,omitempty"` // digest of the rules that allowed it

	Agent  string   `json:"agent,omitempty"`  // whose it is, where an agent asks
	Owner  string   `json:"owner,omitempty"`  // of that agent
	Actors []Party  `json:"actors,omitempty"` // those who passed the task on, the first one first
	Notes  []string `json:"notes,omitempty"`  // what is unusual about it: codes
}

// Approver is by whose yes a gate stands open.
type Approver struct {
	ID      int64  `json:"id"`
	Login   string `json:"login"`
	Channel string `json:"channel"`
}

// Party is a workload that passed a task on.
type Party struct {
	Issuer  string `json:"issuer"`
	Subject string `json:"subject"`
	Agent   string `json:"agent,omitempty"`
}

// Requested records that a workload has asked for a credential. Asked again for the same
// it is the same request, until that is decided.
type Requested struct {
	ID       string   `json:"id"`
	Workload Workload `json:"workload"`
	Wish     Wish     `json:"wish"`
	Repo     Repo     `json:"repo,omitzero"`
}

// Withheld records that a request was refused, once for each reason. Observed says that the rules only
// watch: it was refused all the same, for nothing is given by what they do not allow.
type Withheld struct {
	ID       string `json:"id"`
	Code     string `json:"code"`
	Text     string `json:"text"`
	Observed bool   `json:"observed,omitempty"`
}

// Minting is written before a credential is made. Where neither Minted nor Unminted
// follows, nobody has it: what was made is ended, if it can be found.
type Minting struct {
	Grant Grant `json:"grant"`
}

// Minted records a credential that was made, before anybody is given it.
type Minted struct {
	ID    string    `json:"id"`
	Hash  string    `json:"sha256"` // of the token, in hex
	Until time.Time `json:"until"`  // when gatehold ends it, or it ends by itself
	Ends  time.Time `json:"ends"`   // when it ends by itself
	JTI   string    `json:"jti,omitempty"`
	Key   string    `json:"key,omitempty"` // that signed it
}

// Unminted records that no credential was made, or none that anybody knows.
type Unminted struct {
	ID   string `json:"id"`
	Code string `json:"code"`
	Text string `json:"text"`
	// Lost is until when a token may be valid that was made, perhaps, and whose
	// answer came to nobody.
	Lost time.Time `json:"lost,omitzero"`
}

// Stirred records that something has happened to what a credential hangs on.
type Stirred struct {
	Gate    string `json:"gate,omitempty"` // stream
	Version uint64 `json:"version,omitempty"`
	Run     int64  `json:"run,omitempty"`
}

// Upheld records that credentials were looked at and stand, but for those that an
// Ending before it names.
type Upheld struct {
	Covers uint64    `json:"covers"`
	Next   time.Time `json:"next,omitzero"`
}

// Ending records that a credential is to end now, and why.
type Ending struct {
	ID   string `json:"id"`
	Why  string `json:"why"` // a code
	Text string `json:"text,omitempty"`
	By   Actor  `json:"by,omitzero"` // without an id: gatehold itself
}

// Ended records that a credential is worth nothing any more, with the proof.
type Ended struct {
	ID      string `json:"id"`
	Status  int    `json:"status,omitempty"`  // GitHub's answer to the revocation
	Refused int    `json:"refused,omitempty"` // its answer to the token afterwards
	Expired bool   `json:"expired,omitempty"` // it ended by itself
}

// Kind names each event in the ledger.
func (Requested) Kind() string { return "credential_requested" }
func (Withheld) Kind() string  { return "credential_withheld" }
func (Minting) Kind() string   { return "credential_minting" }
func (Minted) Kind() string    { return "credential_minted" }
func (Unminted) Kind() string  { return "credential_unminted" }
func (Stirred) Kind() string   { return "credential_stirred" }
func (Upheld) Kind() string    { return "credential_upheld" }
func (Ending) Kind() string    { return "credential_ending" }
func (Ended) Kind() string     { return "credential_ended" }

// Issuer is the kind of the one stream on which the keys are on record that gatehold
// signs identities with, and IssuerKeys is that stream.
const (
	Issuer     Kind = "issuer"
	IssuerKeys      = string(Issuer) + "/keys"
)

// KeyPublished records the public half of a key, before anything is signed with it.
type KeyPublished struct {
	ID       string    `json:"kid"` // its thumbprint, by RFC 7638
	Modulus  string    `json:"n"`   // both as in a JSON Web Key
	Exponent string    `json:"e"`
	From     time.Time `json:"from"` // when it begins to sign; the one before it ends then
}

// KeyDropped records that a key is published no more, and that its private half is gone.
type KeyDropped struct {
	ID string `json:"kid"`
}

// Kind names each event in the ledger.
func (KeyPublished) Kind() string { return "issuer_key_published" }
func (KeyDropped) Kind() string   { return "issuer_key_dropped" }
