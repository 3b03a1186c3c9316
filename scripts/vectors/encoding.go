package main

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strconv"
)

// encodingVector is a number, as text in the notation of Go's %e, or a string,
// and the text by which River's client, that is encoding/json, puts it into args.
type encodingVector struct {
	Number string  `json:"number,omitempty"`
	String *string `json:"string,omitempty"`
	Text   string  `json:"text"`
}

func encodingVectors() []encodingVector {
	var vectors []encodingVector
	for _, number := range encodedNumbers() {
		text, err := json.Marshal(number)
		check(err)
		vectors = append(vectors, encodingVector{Number: strconv.FormatFloat(number, 'e', -1, 64), Text: string(text)})
	}
	for _, value := range encodedStrings() {
		text, err := json.Marshal(value)
		check(err)
		vectors = append(vectors, encodingVector{String: &value, Text: string(text)})
	}
	return vectors
}

func encodedNumbers() []float64 {
	numbers := []float64{
		0, math.Copysign(0, -1), 1, -1, 0.1, 1.5, 100, 1e20, 1e21, 123456789012345680000, 1234567890123456800000, 999999999999999900000, 1e-6, 1e-7, 9.99e-7, 0.000001234,
		1e100, -1e-100, 5e-324, math.MaxFloat64, 1 << 53, 1<<53 + 2, 0.30000000000000004, 1e22, 2.2250738585072014e-308, 1e5, 123456.789,
	}
	dice := rand.New(rand.NewPCG(1, 2))
	for len(numbers) < 120 {
		number := math.Float64frombits(dice.Uint64())
		if !math.IsNaN(number) && !math.IsInf(number, 0) {
			numbers = append(numbers, number)
		}
	}
	for i := range 30 {
		numbers = append(numbers, math.Pow(10, float64(i)-9)*dice.Float64())
	}
	return numbers
}

func encodedStrings() []string {
	texts := []string{"", "a", "<script>&amp;</script>", "\u2028\u2029", "\x01\x1f\x7f\u0080", "\b\f\n\r\t\v", "\"\\/", "é😀\uffff\ufffd", "'", "\u00a0", "a.b*#@:1"}
	for i := range 0x30 {
		texts = append(texts, string(rune(i))+"x")
	}
	return texts
}
