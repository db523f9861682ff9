package rulesets

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
)

// Environment is an environment of a repository.
type Environment struct {
	Place
	Name string
}

// ParseEnvironment reads OWNER/NAME:ENVIRONMENT. The name of the environment is
// all behind the first colon: it may hold slashes and colons.
func ParseEnvironment(text string) (Environment, error) {
	repo, name, ok := strings.Cut(text, ":")
	at, err := ParseRepo(repo)
	if !ok || err != nil || strings.TrimSpace(name) == "" || len(name) > 255 || name == "." || name == ".." {
		return Environment{},
			&gate.Error{Code: "usage", Text: fmt.Sprintf("%q is no environment: write OWNER/NAME:ENVIRONMENT.", clip(text, 80))}
	}
	return Environment{Place: at, Name: name}, nil
}

func (e Environment) String() string { return e.Place.String() + ":" + clip(e.Name, 80) }

// Protected says whether the App is a deployment protection rule of the
// environment, and enabled.
// https://docs.github.com/en/rest/deployments/protection-rules#get-all-deployment-protection-rules-for-an-environment
func (c *Client) Protected(ctx context.Context, e Environment, app int64) (bool, error) {
	a := ask{method: http.MethodGet, path: e.rules(), doing: "read the protection rules of " + e.String()}
	text, err := c.do(ctx, a)
	if err != nil {
		return false, err
	}
	o, err := parseObject(text)
	if err != nil {
		return false, c.odd(a, err)
	}
	for _, item := range o.list("custom_deployment_protection_rules") {
		rule, err := parseObject(item)
		if err != nil {
			return false, c.odd(a, err)
		}
		if by, err := parseObject(rule.get("app")); err == nil && by.number("id") == app && string(rule.get("enabled")) != "false" {
			return true, nil
		}
	}
	return false, nil
}

// Protect makes the App a deployment protection rule of the environment. The
// environment must exist: creating one is not this command's to decide.
// https://docs.github.com/en/rest/deployments/protection-rules#create-a-custom-deployment-protection-rule-on-an-environment
func (c *Client) Protect(ctx context.Context, e Environment, app int64) error {
	_, err := c.do(ctx, ask{method: http.MethodPost, path: e.rules(), body: object{{"integration_id", encode(app)}}.bytes(),
		doing: "make gatehold a protection rule of " + e.String()})
	return err
}

func (e Environment) rules() []string {
	return e.path("environments", e.Name, "deployment_protection_rules")
}
