package gate

// GoingState is what the gates of a deployment and of a workflow run both know:
// something goes out by a run.
type GoingState struct {
	Attempt   int  // of the run: the newest that an event named
	Completed int  // the newest attempt that an event says has ended
	Open      bool // released when last something happened
}

// goes reports whether what is held goes out by a run.
func (k Kind) goes() bool { return k == Deployment || k == WorkflowRun }

func (g GoingState) seen(ev Seen) GoingState {
	g.Attempt = max(g.Attempt, ev.Attempt)
	if ev.Event == "workflow_run" && ev.Action == "completed" {
		g.Completed = max(g.Completed, ev.Attempt)
	}
	return g
}
