// Package hub is GitHub, asked and told: its rooms, each with one subject, put
// together as one value. What GitHub tells by itself is opened by hub/inbox.
//
// api is the way there and back, below all others; wire what answers and events look
// like. files, ranges, branches and rules are read for several subjects: pulls,
// workflows, deploys. checks, people, signin and admin stand by themselves.
//
// What all of them promise:
//
//   - Whatever could not be read whole is said: as an error, as a Gap of the
//     change, as an unreadable text or as a rules file that is not Found or
//     Absent. Silence never stands for "nothing there".
//   - Every error is a *gate.Error, with the codes of api and, beside them,
//     texts_past_limit, moved, queue_unreadable, deployment_not_pending and those of a
//     sign-in.
//   - Time and memory are bounded: per request, per answer, per change and per
//     installation.
//
// A pull request of up to 100 files takes three requests: its state and the
// rules files (GraphQL) beside the range (REST compare), then all texts and
// modes in one GraphQL query. The check run is the fourth. A deployment that
// brings up to 100 commits and 100 files takes seven: two for its run, two for
// what goes out, one for the texts, one for the check run and one for the
// comment or the answer.
package hub
