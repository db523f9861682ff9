// Package deploys reads deployments and workflow runs, what goes out with one, what
// became of it, and which wait; it gives the answer that GitHub waits for, and ends
// runs and starts them again.
//
// Who said something of a deployment is looked at: only what GitHub itself made for
// a job counts. An answer that nothing waits for has the code
// deployment_not_pending. What goes out with up to 100 commits and 100 files takes
// two requests.
package deploys
