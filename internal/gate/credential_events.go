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
	Verify Step = "verify" // is what a credential hangs on still as it was when it was given?
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

// Stream is that of what a workload is given: of a job's attempt, or of a subject of
// any other issuer. It is a digest, for what an issuer says is any text.
func (w Workload) Stream() string {
	parts := []string{w.Issuer, w.Subject}
	if j := w.Job; j != nil {
		parts = []string{w.Issuer, "job", strconv.FormatInt(j.Repo, 10), strconv.FormatInt(j.Run, 10), strconv.Itoa(j.Attempt),
			strconv.FormatInt(j.CheckRun, 10)}
	}
	return string(Credential) + "/" + digestOf(parts...)
}

// TokenKey stands for a token, by what it is called by its issuer.
func TokenKey(issuer, jti string) string { return digestOf(issuer, jti) }

func digestOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}
