package main

import "github.com/riverqueue/river"

// The published kinds whose unique key comes from selected paths of the args:
// River takes them from the tags of the type, and never decodes into it.
type (
	uniqueFlat struct {
		jobArgs
		A string `json:"a" river:"unique"`
	}
	uniqueTwo struct {
		jobArgs
		Z string `json:"z" river:"unique"`
		A string `json:"a" river:"unique"`
	}
	uniqueNested struct {
		jobArgs
		N struct {
			C string `json:"c" river:"unique"`
			B string `json:"b" river:"unique"`
		} `json:"n"`
		A string `json:"a" river:"unique"`
		X string `json:"n-x" river:"unique"`
	}
	uniqueWhole struct {
		jobArgs
		N struct {
			C string `json:"c"`
		} `json:"n" river:"unique"`
	}
	uniqueOdd struct {
		jobArgs
		Dot   string `json:"a.b" river:"unique"`
		Star  string `json:"*" river:"unique"`
		At    string `json:"@x" river:"unique"`
		Colon string `json:":1" river:"unique"`
		Hash  string `json:"#" river:"unique"`
		Slash string `json:"c/d" river:"unique"`
		Uml   string `json:"é" river:"unique"`
		Less  string `json:"<" river:"unique"`
	}
	uniqueDots struct {
		jobArgs
		Dot string `json:"a.b" river:"unique"`
		A   struct {
			B string `json:"b" river:"unique"`
		} `json:"a"`
	}
	uniqueDeep struct {
		jobArgs
		A struct {
			B struct {
				C string `json:"c" river:"unique"`
			} `json:"b"`
		} `json:"a"`
	}
)

// typed is the args as a value of the type that is published for their kind.
func typed(args jobArgs) river.JobArgs {
	switch args.kind {
	case "weir_unique_flat":
		return uniqueFlat{jobArgs: args}
	case "weir_unique_two":
		return uniqueTwo{jobArgs: args}
	case "weir_unique_nested":
		return uniqueNested{jobArgs: args}
	case "weir_unique_whole":
		return uniqueWhole{jobArgs: args}
	case "weir_unique_odd":
		return uniqueOdd{jobArgs: args}
	case "weir_unique_dots":
		return uniqueDots{jobArgs: args}
	case "weir_unique_deep":
		return uniqueDeep{jobArgs: args}
	}
	return args
}
