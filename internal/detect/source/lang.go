package source

// Language is a family of languages with the same comments and strings.
type Language uint8

// The families.
const (
	NoLanguage Language = iota
	Ruby
	Python
	JavaScript // and TypeScript
	Go
	PHP
	Elixir
	Rust
	Lua
	Perl
	CLike // Java, Kotlin, C#, Scala, Swift, Dart, Groovy, C, C++
)

// LanguageOf tells the family from an extension in lower case.
func LanguageOf(ext string) Language {
	switch ext {
	case ".rb", ".rake", ".ru":
		return Ruby
	case ".py", ".pyi", ".pyx":
		return Python
	case ".js", ".ts", ".jsx", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte":
		return JavaScript
	case ".go":
		return Go
	case ".php":
		return PHP
	case ".ex", ".exs":
		return Elixir
	case ".rs":
		return Rust
	case ".lua", ".luau", ".moon":
		return Lua
	case ".pl", ".pm", ".psgi":
		return Perl
	case ".java", ".kt", ".kts", ".cs", ".scala", ".swift", ".dart", ".groovy", ".c", ".cc", ".cpp", ".h", ".hpp", ".m", ".vb",
		".fs", ".clj":
		return CLike
	}
	return NoLanguage
}
