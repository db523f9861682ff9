package demo

import (
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/testworld"
)

// scene is something that happens in the demo, and what must come of it.
type scene struct {
	title, told string
	act         func(*demo) error
	passes      bool
	says        string // in the check's title
	shows       string // in its summary
	about       string // a pull request, unless it says otherwise
}

// demoRules lie on the default branch, where an agent's pull request cannot change
// them.
const demoRules = testworld.Rules + `
environments:
  staging:    { hold: never }
  production: { hold: agent_changes, need: high, rollback: allow }
`

// demoFiles is what the repository of the story begins with beside its rules.
var demoFiles = fakehub.Files{
	"web/cart.js":                  "export function total(items) {\n  return items.reduce((sum, i) => sum + i.price, 0);\n}\n",
	"db/schema.sql":                "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric NOT NULL);\n",
	".github/workflows/deploy.yml": testworld.DeployWorkflow,
}

var scenes = []scene{
	{
		title: "A human changes the database",
		told:  "@ana opens a pull request that drops a table. The rules are about agents; her reviewers look after her.",
		act: func(d *demo) error {
			return d.open(fakehub.NewPull{
				Author: d.ana, Title: "Drop the carts table", Head: "drop-carts",
				Files: fakehub.Files{"db/migrations/0007_drop_carts.sql": "DROP TABLE carts;\n"},
			})
		},
		passes: true,
		says:   "Passed",
	},
	{
		title: "An agent corrects a sentence",
		told:  "devin-ai-integration[bot] opens a pull request that touches one line of the README.",
		act: func(d *demo) error {
			return d.open(fakehub.NewPull{
				Author: d.agent, Title: "Say what the shop sells", Head: "devin/1764000000-readme",
				Files: fakehub.Files{"README.md": "# Shop\n\nWe sell gates.\n"},
			})
		},
		passes: true,
		says:   "Passed",
	},
	{
		title: "An agent drops a table",
		told:  "@ana told the same agent to tidy up, and its migration drops the orders.",
		act: func(d *demo) error {
			return d.open(fakehub.NewPull{
				Author: d.agent, Title: "Tidy up the schema", Head: "devin/1764000001-tidy", Assignees: []*fakehub.Account{d.ana},
				Body:  "Requested by: @ana\n\nRemoves what is not used any more.",
				Files: fakehub.Files{"db/migrations/0008_tidy.sql": "-- Not used any more.\nDROP TABLE orders;\n"},
			})
		},
		says: "Held: needs 1 approval from @acme/sre",
	},
	{
		title: "The wrong person approves",
		told:  "@ana is of @acme/sre and presses Approve. But she asked for the work: somebody else has to look.",
		act:   func(d *demo) error { return d.press(aboutPull, "Approve", d.ana) },
		says:  "Held: needs 1 approval from @acme/sre",
		shows: "Did not count",
	},
	{
		title:  "The right person approves",
		told:   "@bo, of @acme/sre as well, had no part in it and presses Approve.",
		act:    func(d *demo) error { return d.press(aboutPull, "Approve", d.bo) },
		passes: true,
		says:   "Released: approved by @bo",
	},
	{
		title: "The agent pushes again",
		told:  "After the approval the agent pushes a commit that drops one more table. What @bo saw is not this.",
		act: func(d *demo) error {
			_, err := d.pull.Push(fakehub.Files{"db/migrations/0008_tidy.sql": "-- Not used any more.\nDROP TABLE " +
				"orders;\nDROP TABLE customers;\n"})
			return err
		},
		says:  "Held: needs 1 approval from @acme/sre",
		shows: "voided by push of",
	},
	{
		title:  "Approved again",
		told:   "@bo looks at what it is now, and approves that.",
		act:    func(d *demo) error { return d.press(aboutPull, "Approve", d.bo) },
		passes: true,
		says:   "Released: approved by @bo",
	},
	{
		title:  "Merged through the queue",
		told:   "GitHub's merge queue makes a commit of its own, and asks again. What @bo approved is what it merges.",
		act:    func(d *demo) error { return d.enqueue() },
		about:  aboutQueue,
		passes: true,
		says:   "Passed: #3 is released for exactly this",
	},
	{
		title:  "On to staging",
		told:   "@ana starts the deploy. The rules hold nothing in staging.",
		act:    func(d *demo) error { return d.deploy("") },
		about:  aboutStaging,
		passes: true,
		says:   "Passed",
	},
	{
		title: "Held before production",
		told:  "A pull request's approval is not a deployment's: production has a gate of its own, and it lists what would go out.",
		act:   func(*demo) error { return nil },
		about: aboutProduction,
		says:  "Held: needs 1 approval from @acme/sre",
		shows: "approved by",
	},
	{
		title: "@bo lets it go",
		told:  "@bo presses Approve on the check \"gatehold: deploy to production\", and GitHub is told to go on.",
		act: func(d *demo) error {
			d.shipped = d.run.View().SHA
			return d.press(aboutProduction, "Approve", d.bo)
		},
		about:  aboutProduction,
		passes: true,
		says:   "approved by @bo",
	},
	{
		title: "The agent corrects the cart",
		told:  "A small change, below the hold level. GitHub's queue merges it without anybody's yes.",
		act: func(d *demo) error {
			return d.open(fakehub.NewPull{
				Author: d.agent, Title: "Round the total", Head: "devin/1764000002-round",
				Files: fakehub.Files{"web/cart.js": "export function total(items) {\n  return Math.round(items.reduce((sum, " +
					"i) => sum + i.price, 0));\n}\n"},
			})
		},
		passes: true,
		says:   "Passed",
	},
	{
		title:  "Into main",
		told:   "The queue's commit brings nothing that the pull request did not show.",
		act:    func(d *demo) error { return d.enqueue() },
		about:  aboutQueue,
		passes: true,
		says:   "Passed: #4 is released for exactly this",
	},
	{
		title: "Held before production, all the same",
		told:  "Small or not: the rules hold every agent's change before production.",
		act:   func(d *demo) error { return d.deploy("") },
		about: aboutProduction,
		says:  "Held: needs 1 approval from @acme/sre",
	},
	{
		title:  "It goes out",
		told:   "@bo lets this go too.",
		act:    func(d *demo) error { return d.press(aboutProduction, "Approve", d.bo) },
		about:  aboutProduction,
		passes: true,
		says:   "approved by @bo",
	},
	{
		title: "And back again",
		told: "The total is wrong. @ana goes back to what @bo had approved for production and what ran there: the rules " +
			"let that pass at once, on record.",
		act:    func(d *demo) error { return d.deploy(d.shipped) },
		about:  aboutProduction,
		passes: true,
		says:   "Let go",
		shows:  "Goes back to",
	},
	{
		title: "One more, for you",
		told:  "The agent goes on. This one is yours: look at it, and press its buttons as @ana or as @bo.",
		act: func(d *demo) error {
			return d.open(fakehub.NewPull{
				Author: d.agent, Title: "Tidy up the invoices", Head: "devin/1764000003-tidy", Assignees: []*fakehub.Account{d.ana},
				Body:  "Requested by: @ana\n\nNobody has read these for a year.",
				Files: fakehub.Files{"db/migrations/0009_tidy.sql": "-- Nobody has read these for a year.\nDROP TABLE invoices;\n"},
			})
		},
		says: "Held: needs 1 approval from @acme/sre",
	},
}
