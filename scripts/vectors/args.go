package main

import (
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// argsTexts are args that all count: odd keys, odd values, and both drawn together.
func argsTexts() []string {
	texts := slices.Clone(wholeTexts)
	for _, key := range oddKeys {
		texts = append(texts, fmt.Sprintf(`{"%s":1}`, key), fmt.Sprintf(`{"b":1,"%s":{"%s":2},"B":3}`, key, key))
	}
	for _, value := range oddValues {
		texts = append(texts, fmt.Sprintf(`{"z":0,"a":%s}`, value))
	}
	dice := rand.New(rand.NewPCG(51, 2))
	for range 60 {
		texts = append(texts, drawnObject(dice, 2))
	}
	return texts
}

func drawnObject(dice *rand.Rand, depth int) string {
	members := make([]string, dice.IntN(6))
	for i := range members {
		value := oddValues[dice.IntN(len(oddValues))]
		if depth > 0 && dice.IntN(3) == 0 {
			value = drawnObject(dice, depth-1)
		}
		members[i] = fmt.Sprintf(`"%s":%s`, oddKeys[dice.IntN(len(oddKeys))], value)
	}
	return "{" + strings.Join(members, ",") + "}"
}

var wholeTexts = []string{
	`{}`, `[]`, `{"a":1}`, `{"b":1,"a":2}`, `{"a":1,"a":2}`, `{"b":0,"a":1,"b":2,"a":3}`, `{"a":{"y":1,"x":2}}`, `{"a":{"x":1,"x":2}}`,
	`{"a":1,"\u0061":2}`, `{"\u0061":1}`, `{"a.b":1,"a":{"b":1}}`, `{"":1,"a":2}`, `{"":{"":{"":1}}}`, `{"1":1,"0":2,"10":3,"9":4}`,
	`{"<":1,">":2,"&":3}`, `{"é":1,"e":2,"f":3}`, `{"A":1,"a":2,"_":3,"B":4}`, `{"a":1,"aa":2,"a ":3,"a!":4}`, `{"%":1,"&kind=":2,"&queue=x":3}`,
	"{\"\U0001F600\":1,\"\uFFFD\":2,\"\uE000\":3}", `{"\ud83d\ude00":1,"\uffff":2}`, "{\"\U00010000a\":1,\"\uFF5E\":2,\"z\":3}", `{"d":{"a":{"b":{}}},"c":[[[]]]}`,
	`{"a":"é","b":"\u00e9"}`, `{"a":"}","b":"{","c":"\"}","d":"]"}`, `{"a":[{"b":"]"},"}"],"c":"\\"}`, `{"a":"\\\\","b":"\\\""}`, `{"\\":1,"\"":2,"/":3,"\/x":4}`,
	`{"\n":1,"\t":2,"\b":3,"\f":4,"\r":5,"\u0001":6,"\u001f":7}`, `{"long":"` + strings.Repeat("x", 3000) + `"}`, `{"toString":1,"__proto__":2,"constructor":3,"hasOwnProperty":4}`,
}

// oddKeys are as they stand between quotes.
var oddKeys = []string{
	"", "a", "a.b", "a..b", ".", "a.", ".a", "*", "a*", "?", "@x", "@this", "@pretty:{}", ":1", ":", "#", "#.a", "a|b", "!x", "-1", "0", "-", "~", "a\\\\b", "\\\\", "\\\"", "\\/",
	"/", "<", "<é", "&", "\\u003c", "\\u00e9", "é", "e\u0301", "\\u2028", "\u2028", "\\n", "\\u0001", "\x7f", "\\u0080", "😀", "\\ud83d\\ude00", "\uffff", "\\u0041", "%s", " ", "  a", "null",
	"__proto__", "$", "(", "[0]", "{}", "a,b", "=", "+",
}

var oddValues = []string{
	"0", "-0", "-0.0", "1", "1.0", "1.50", "0.10", "1e2", "1E2", "1e+2", "1e-7", "1E-07", "1e21", "1e22", "123456789012345678901234567890", "9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993",
	"9223372036854775807", "9223372036854775808", "18446744073709551616", "0.1", "0.30000000000000004", "3.141592653589793238462643383279", "5e-324", "1.7976931348623157e308", "1e308", "true", "false", "null",
	`""`, `"a"`, `"<&>"`, `"é"`, `"\u00e9"`, `"\u2028"`, `"\n\t\"\\\/"`, `"😀"`, `"\ud83d\ude00"`, `" a "`, `"1"`, "[]", "[[]]", "[1,2,{\"b\":1,\"a\":2}]", "{}", `{"b":1,"a":2}`, `{"":{}}`, `[null,true,-0]`,
}

// rawTexts keep what an encoder would not have written: white space, and <, > and & bare.
var rawTexts = []string{
	` [ ] `, ` { } `, ` { "b" : 1 , "a" : 2 } `, `{"a": { "y" : 1 , "x":2 } ,"b":[ 1 , 2 ]}`, "{\n\t\"b\" :\r\n [\n1\n]\n,\n\"a\":\"x y\"\n}", `{"<":1,">":2,"&":3}`, `{"<é":1}`, `{"a":"<&>"}`,
	"{\"\u0080\":1}", "{\"\u2028\":1,\"\u2029\":2}", `{"\u2028<":1}`, `{"&kind=":2,"&queue=x":3}`, "{\"a\":\"\u2028\"}",
}

// selectedArgs are args of the published kinds: paths there, not there, twice, null, and through what is no object.
var selectedArgs = map[string][]string{
	"weir_unique_flat":   {`{"b":1,"a":2}`, `{"b":1}`, `{}`, `[]`, `{"a":null}`, `{"a":{"q":1},"a":3}`, `{"a":""}`, `{"a":[1,{"z":1,"a":2}]}`, `{"A":1}`, `{"a":1.0}`, `{"\u0061":1}`},
	"weir_unique_two":    {`{"z":1,"b":3,"a":2}`, `{"a":2,"z":1}`, `{"z":1,"b":3}`, `{"a":1}`, `{"z":null,"a":null}`, `{"a":"z","z":"a"}`},
	"weir_unique_nested": {`{"n":{"c":1,"b":2,"d":3},"a":4,"n-x":5}`, `{"n":{"d":3},"a":4}`, `{"n":7,"n-x":1}`, `{"n":null}`, `{"n":[{"c":1}],"a":1}`, `{"n":{"b":{"c":1}},"n.b":2}`, `{"n":{},"a":{}}`, `{"n":{"c":1},"n":{"b":2}}`},
	"weir_unique_whole":  {`{"n":{"y":1,"x":2},"b":1}`, `{"n":1}`, `{"b":1}`, `{"n":{}}`, `{"n":[]}`},
	"weir_unique_odd":    {`{"a.b":1,"*":2,"@x":3,":1":4,"#":5,"c/d":6,"é":7,"<":8,"a":{"b":9},"1":10}`, `{"a":{"b":9},"1":10}`, `{"<":1}`, `{"é":"é","*":{"*":1}}`, `{"@x":[],":1":{}}`},
	"weir_unique_dots":   {`{"a.b":1,"a":{"b":2}}`, `{"a":{"b":2}}`, `{"a.b":1}`, `{"a":{"b":2},"a.b":1}`},
	"weir_unique_deep":   {`{"a":{"b":{"c":[1,2],"d":1}}}`, `{"a":{"b":{}}}`, `{"a":{"b":1}}`, `{"a.b.c":1}`, `{"a":{"b":{"c":null}}}`},
}

// sorted is a map in the order of its keys.
func sorted[V any](of map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(of)) {
			if !yield(key, of[key]) {
				return
			}
		}
	}
}
