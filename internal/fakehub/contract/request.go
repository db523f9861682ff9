package contract

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Request checks a request: the operation exists, its parameters are known and
// of the right kind, and its body is such as GitHub takes. A field that the
// description does not know is refused too: GitHub would ignore it, and its
// sender would not notice.
func (c *Contract) Request(r *http.Request, template string, params map[string]string, body []byte) error {
	if template == "/graphql" { // described by the schema
		return nil
	}
	op, err := c.rest.operation(r.Method, template)
	if err != nil {
		return err
	}
	if err := c.parameters(op, r, params); err != nil {
		return err
	}
	if op.RequestBody == nil || op.RequestBody.at == "" {
		if len(bytes.TrimSpace(body)) > 0 {
			return fmt.Errorf("%s %s takes no body", r.Method, template)
		}
		return nil
	}
	if len(bytes.TrimSpace(body)) == 0 {
		if op.RequestBody.Required {
			return fmt.Errorf("%s %s needs a body", r.Method, template)
		}
		return nil
	}
	if kind := r.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		return fmt.Errorf("the body is sent as %q, not as application/json", kind)
	}
	return c.rest.memory.once(op.RequestBody.at, body, func() error {
		v, err := c.rest.read(op.RequestBody, body)
		if err != nil {
			return fmt.Errorf("the body: %w", err)
		}
		return unknown(op.RequestBody.fields, v, "", 0)
	})
}

// parameters checks the path and the query.
func (c *Contract) parameters(op *operation, r *http.Request, params map[string]string) error {
	query := r.URL.Query()
	for _, p := range op.Parameters {
		var values []string
		switch p.In {
		case "path":
			values = []string{params[p.Name]}
		case "query":
			values = query[p.Name]
			query.Del(p.Name)
		}
		if p.Required && (p.In == "path" || p.In == "query") && (len(values) == 0 || values[0] == "") {
			// GitHub's description wants a path of contents, and serves the
			// root for none.
			if p.Name != "path" {
				return fmt.Errorf("the parameter %s is missing", p.Name)
			}
		}
		for _, v := range values {
			if err := c.parameter(p, v); err != nil {
				return err
			}
		}
	}
	for name := range query {
		return fmt.Errorf("GitHub's description knows no parameter %s in the query", name)
	}
	return nil
}

// parameter takes the value as a string, and as what it could be besides.
func (c *Contract) parameter(p parameter, value string) error {
	candidates := []any{value}
	if n, err := strconv.ParseInt(value, 10, 64); err == nil {
		candidates = append(candidates, n)
	}
	if b, err := strconv.ParseBool(value); err == nil {
		candidates = append(candidates, b)
	}
	var last error
	for _, v := range candidates {
		err := c.rest.check(p.at, v)
		if err == nil {
			return nil
		}
		last = err
	}
	return fmt.Errorf("the parameter %s=%q: %w", p.Name, value, last)
}

// unknown compares the fields of a body with those that its schema names anywhere
// at the same place.
func unknown(schema, v any, at string, depth int) error {
	if depth > 20 {
		return nil
	}
	switch v := v.(type) {
	case []any:
		s, _ := schema.(map[string]any)
		for _, item := range v {
			if err := unknown(s["items"], item, at, depth+1); err != nil {
				return err
			}
		}
	case map[string]any:
		known := map[string]any{}
		if !properties(schema, known, 0) {
			return nil
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			inner, ok := known[name]
			if !ok {
				return fmt.Errorf("the body has a field %s/%s that the description does not know", at, name)
			}
			if err := unknown(inner, v[name], at+"/"+name, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// properties collects the fields that a schema names; false: it names none, or
// refers elsewhere, and anything goes.
func properties(schema any, into map[string]any, depth int) bool {
	s, ok := schema.(map[string]any)
	if !ok || s["$ref"] != nil || depth > 5 {
		return false
	}
	props, named := s["properties"].(map[string]any)
	for name, inner := range props {
		if _, there := into[name]; !there {
			into[name] = inner
		}
	}
	for _, how := range []string{"oneOf", "anyOf", "allOf"} {
		parts, _ := s[how].([]any)
		for _, p := range parts {
			named = properties(p, into, depth+1) || named
		}
	}
	return named
}

// Response checks an answer. A status that the operation does not list is let
// pass where it is one that every operation may give.
func (c *Contract) Response(method, template string, status int, body []byte) error {
	if template == "/graphql" {
		return nil
	}
	op, err := c.rest.operation(method, template)
	if err != nil {
		return err
	}
	answer, listed := op.Responses[strconv.Itoa(status)]
	if !listed {
		switch status {
		case 301, 304, 307, 400, 401, 403, 404, 422, 429:
			return nil
		}
		return fmt.Errorf("the description lists no status %d", status)
	}
	if len(body) == 0 || answer.at == "" {
		return nil
	}
	if err := c.rest.validate(answer, body); err != nil {
		return fmt.Errorf("the answer %d: %w", status, err)
	}
	return nil
}
