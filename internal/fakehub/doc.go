// Package fakehub is a GitHub in memory, served over real HTTP: for the demo,
// and for tests that want GitHub's behaviour and not a recording of it.
//
// It keeps state (accounts, teams, apps, installations, repositories with real
// git objects, pull requests, check runs), answers the REST and GraphQL calls
// that an App of this kind makes, and tells the apps of every change by signed
// webhooks. Everything that a client can see goes over the wire; the Go API
// below plays the other side: people and agents who push, open, retarget and
// click, and the administrator who reads what came of it.
//
// # Life
//
//	hub := site.New(fakehub.Options{})
//	base, err := hub.Start()          // http://127.0.0.1:PORT, no slash at the end
//	defer hub.Close()
//
// The API is at base and at base+"/api/v3", GraphQL at base+"/graphql" and at
// base+"/api/graphql", so that both of GitHub's forms of a base URL work.
//
// # A story
//
//	acme  := hub.CreateOrg("acme")
//	alice := hub.CreateUser("alice")
//	agent := hub.CreateBot("copilot-swe-agent")      // login copilot-swe-agent[bot]
//	acme.AddMember(alice, "admin")
//	sre   := acme.CreateTeam("sre", nil)
//	sre.Add(alice, "member")
//	shop  := acme.CreateRepo("shop", fakehub.Files{"README.md": "hello\n"})
//
//	app, err  := hub.CreateApp(fakehub.NewApp{Slug: "gatehold", WebhookURL: url, WebhookSecret: "s"})
//	inst      := app.Install(acme)                   // all repositories, the app's permissions
//	app.ID, app.PrivateKeyPEM()                      // what the product is configured with
//
//	pull, err := shop.OpenPull(fakehub.NewPull{
//		Author: agent,
//		Title:  "Drop the old table",
//		Files:  fakehub.Files{"db/1.sql": "DROP TABLE orders;\n", "old.txt": fakehub.Deleted},
//	})
//	pull.Push(fakehub.Files{"db/1.sql": "SELECT 1;\n"})
//	pull.Retarget("release", alice)
//	state := shop.RequiredCheck(pull.HeadSHA(), "gatehold", app.ID)   // state.Passes, state.Conclusion
//	err   = hub.Click(state.RunID, "approve", alice)                  // requested_action
//	err   = hub.Settle(ctx)                                           // every webhook answered
//
//	shop.Require("gatehold", app.ID)                 // a ruleset: required on the default branch
//	shop.UseMergeQueue(10 * time.Minute)
//	err   = pull.Enqueue(alice)                      // refused until what is required has passed
//	shop.Queue("main")[0].HeadSHA                    // the group that Apps are asked to check
//	hub.Tick()                                       // after the clock moved: late groups leave
//	alice.Rename("alicia")                           // the id stays, the login is free
//
// # Names
//
//	shop.Rename("store", alice)                      // 301 and 307 from the old name, until it is taken
//	shop.Transfer(other.Account, alice)              // to installations of its new owner
//	shop.Archive(alice)                              // writes are answered with 403
//	shop.Delete(alice)                               // what came from it as a fork has no head repository
//	acme.Rename("ace")                               // all its repositories redirect
//	shop.SetDefaultBranch("trunk")
//	inst = inst.Reinstall()                          // under another id
//	hub.DeleteAccount(bob), app.Delete()             // ghost and null stand where they were
//
// # Pushes and merges by the rules
//
//	sha, err := shop.Make(shop.Tip("main"), fakehub.NewCommit{...}) // in somebody's clone
//	err = shop.Push("main", sha, agent)              // *RuleViolation where a rule does not allow it
//	sha, err = pull.TryMerge(alice, "squash")        // as the merge button
//
// Commit, SetBranch, Merge and Squash ask no rules.
//
// # Presses
//
//	hub.Press(run, "Approve", ana)                   // the button that is shown now
//	hub.PressPainted(run, 0, "Approve", ana)         // in a browser that shows what was first painted
//	hub.Presses(), hub.Paintings(run)                // who pressed in which order, and what each saw
//	hub.Painted(0)                                   // what all check runs have shown, in its order
//
// # Deployments
//
//	env := hub.CreateEnvironment(shop, "production")
//	env.Protect(app, true)                           // a custom deployment protection rule
//	run, err := hub.StartRun(shop, actions.RunSpec{
//		Event: "workflow_dispatch", Actor: agent,
//		Jobs: []actions.JobSpec{{Name: "build", Ends: "success"}, {Name: "ship", Environment: "production", Needs: []string{"build"}}},
//	})                                               // ship waits: the App is asked by deployment_protection_rule
//	hub.SetAsking(actions.Asking{EarlyTimes: 2})     // the next question is answerable at the third try
//	err = hub.FinishJob(run, "ship", "success")      // once it was approved
//	err = hub.Rerun(run, alice)                      // the next attempt, which asks again
//	err = hub.CancelRun(run, false)                  // hub.StartWaiting(run, "production", alice): past the rules
//	run.View().Jobs, hub.Deployments(shop, "production")  // what came of it, with what Apps answered
//	hub.Deploy(shop, actions.NewDeployment{Environment: "staging", States: []string{"success"}}) // by another tool
//	hub.Tick()                                       // what waited for 30 days fails
//	err = hub.EnterCode("ABCD-EFGH", "alice")        // the person of a device sign-in, or at base+"/login/device"
//
// # Identities of jobs
//
//	run, err := hub.StartRun(shop, actions.RunSpec{Jobs: []actions.JobSpec{{Name: "ship", IDToken: true}}})
//	token, err := hub.JobToken(run, "ship", "https://gate.example") // by hub.Issuer(), while the job is in progress
//	runner, err := hub.RunnerOf(run, "ship")         // to ask over HTTP, with &audience= behind its URL
//	claims, err := hub.JobClaims(run, "ship", "https://gate.example")
//	claims["run_attempt"] = "7"; token = hub.SignClaims(claims) // what GitHub never says
//	hub.RotateKey(), hub.RetireKeys()
//
// # For people
//
// At base itself are pages: the repositories, their pull requests, and each
// pull request with its files, its checks and their buttons. There is no
// sign-in; the reader picks a member to be.
//
// # Faults, and what was asked
//
//	fault := hub.Inject(faults.Fault{Route: "GET /repos/*/pulls/*", Kind: faults.Status, Code: 502, Times: 3})
//	hub.Inject(faults.Fault{Route: "POST /graphql", Asks: "headRefOid", Code: 502})
//	hub.InjectHook(faults.HookFault{Event: "pull_request", Kind: faults.Drop, Times: 1})
//	held := hub.Hold("check_run", "requested_action"); held.Release(1, 0) // the second arrives first
//	hub.Redeliver(id), hub.Replay(id)                // under its GUID; by somebody else, under another
//	behind := hub.Lag(lag.Lag{Of: lag.Pulls, Times: 1}) // one answer is from before what happens next
//	hub.SetHeavy(graph.Heavy{Nodes: 500})          // a larger query is answered with 502
//	acme.UseIPAllowList(true), acme.EnforceSAML(true), hub.LimitContent(80, 500)
//	what, end := hub.Weather(random)                 // one of all these, drawn
//	hub.Requests(), hub.Counts(), hub.MaxInFlight(), hub.Violations()
//
// # What GitHub does not say
//
// Where neither GitHub's documents nor its description settle something, this
// is how it is here: every job with a protected environment asks anew, also in
// one attempt (Asking.CarryOver changes that); a deployment keeps its
// environment's name as it was written, and lists find it in any case; a job
// that was rejected, cancelled or forgotten leaves its deployment in failure;
// an App without a question open is told 422, whoever's rule it is. Jobs of
// runs are no check runs here, and POST deployments merges nothing. A rule that
// wants pull requests does not keep a branch from being made. A press on a
// painting that is no longer shown is sent.
//
// # Promises
//
//   - A method of the Go API that changes state has queued its webhooks when it
//     returns; they are sent by other goroutines, in the order of the changes
//     when Options.HookWorkers is 1, else roughly so, as GitHub promises none.
//   - The caller's code, Options.Now aside, is never called while the state is
//     locked. A press, a push or a renaming has happened when its call returns,
//     whatever lags.
//   - The clock is Options.Now; quotas, token expiry and every time stamp use
//     it. Latency, hangs and webhook time limits are real time.
//   - Numbers are deterministic: the same calls in the same order give the same
//     ids and SHAs, given the same clock.
//
// # The rooms
//
// Here is the state, with the rules by which GitHub lets it change and the JSON
// that webhooks tell of it: accounts, apps, repositories, pull requests, queues,
// rulesets, checks. Package actions adds workflow runs, environments and
// deployments. What is asked of them lies above: package api (REST), graph
// (GraphQL), pages (people), access (who calls), lag (the past). Below lie hooks,
// faults and journal, which know nothing of the state, objects (git) and wire
// (JSON). Package site puts all together; a site.Hub has the methods of them all.
//
// Exported fields are for the packages above, which hold the lock State; a
// method that takes it says nothing of it, one whose caller holds it does.
//
// A feature is a file with its state and its Go API, one with its JSON, and one
// with its handlers in api, which names its routes by the path templates of
// GitHub's description, with the permission each needs; graph has the types of
// GraphQL. Package contract then tells what is missing.
//
// All methods may be called from many goroutines.
package fakehub
