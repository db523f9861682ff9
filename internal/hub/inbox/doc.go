// Package inbox opens what GitHub's webhooks deliver: it authenticates a
// delivery and says which streams it concerns. One file reads one family of
// events: pulls, pushes, merge queues, checks, deployments, repositories.
//
// What it promises:
//
//   - Nothing of a body is parsed before its signature is right, and what the
//     headers alone tell is checked before a byte of the body is asked for.
//   - One odd field loses no event: what gatehold cannot do without is checked
//     where it is used. Refusals are final *gate.Errors with the codes
//     signature_missing, signature_invalid, target_mismatch, not_json and
//     payload_invalid.
//   - No URL of a payload is ever followed, and names in it are held to what
//     GitHub could have.
//
// It does no I/O.
package inbox
