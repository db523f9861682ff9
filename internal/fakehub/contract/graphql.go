package contract

import (
	"fmt"
	"os"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

func loadSchema(file string) (*ast.Schema, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("GitHub's GraphQL schema cannot be read; `npm ci` in testdata/npm installs it: %w", err)
	}
	doc, err := parser.ParseSchemas(validator.Prelude, &ast.Source{Name: "schema.graphql", Input: string(text)})
	if err != nil {
		return nil, fmt.Errorf("GitHub's GraphQL schema: %w", err)
	}
	dropTwins(doc)
	schema, err := validator.ValidateSchemaDocument(doc)
	if err != nil {
		return nil, fmt.Errorf("GitHub's GraphQL schema: %w", err)
	}
	return schema, nil
}

// dropTwins removes fields that a type has twice: GitHub publishes such a
// schema (EnterpriseOwnerInfo.repositoryDeployKeySetting in 15.26.1), and the
// validator refuses it.
func dropTwins(doc *ast.SchemaDocument) {
	for _, def := range doc.Definitions {
		seen := map[string]bool{}
		def.Fields = slices.DeleteFunc(def.Fields, func(f *ast.FieldDefinition) bool {
			twin := seen[f.Name]
			seen[f.Name] = true
			return twin
		})
	}
}

// Query checks a GraphQL document against GitHub's public schema.
func (c *Contract) Query(document string) error {
	schema, err := c.schema()
	if err != nil {
		return err
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: document})
	if err != nil {
		return err
	}
	if faults := validator.ValidateWithRules(schema, doc, rules.NewDefaultRules()); len(faults) > 0 {
		return faults
	}
	return nil
}
