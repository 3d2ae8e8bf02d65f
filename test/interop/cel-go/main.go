// Evaluates guards with cel-go, the library that Kubernetes and Envoy decide by. One JSON object a line on the standard
// input: an expression, and the facts of several cases. One line of answers each, parted by spaces.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// line is one guard, and what the variables are in each case: a value's kind, then the value.
type line struct {
	Text  string
	Cases []map[string]json.RawMessage
}

func main() {
	env, err := environment()
	if err != nil {
		fail(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<24)
	answers := bufio.NewWriter(os.Stdout)
	defer answers.Flush()
	for lines.Scan() {
		var asked line
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			fail(err)
		}
		fmt.Fprintln(answers, strings.Join(answer(env, asked), " "))
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// environment declares what test/guard-cases.ts declares; records are maps, whose members cel-go looks at as it meets them.
func environment() (*cel.Env, error) {
	record := cel.MapType(cel.StringType, cel.DynType)
	declared := []cel.EnvOption{
		cel.Function("days", cel.Overload("days_int", []*cel.Type{cel.IntType}, cel.DurationType, cel.UnaryBinding(days))),
		cel.Function("score", cel.Overload("score_int", []*cel.Type{cel.IntType}, cel.IntType, cel.UnaryBinding(score))),
		cel.Function("party.alive",
			cel.Overload("party_alive_string", []*cel.Type{cel.StringType}, cel.BoolType, cel.UnaryBinding(alive))),
	}
	for name, of := range map[string]*cel.Type{
		"i": cel.IntType, "j": cel.IntType, "b": cel.BoolType, "c": cel.BoolType,
		"s": cel.StringType, "t": cel.StringType, "y": cel.BytesType, "z": cel.BytesType,
		"now": cel.TimestampType, "at": cel.TimestampType, "d": cel.DurationType, "e": cel.DurationType,
		"xs": cel.ListType(cel.IntType), "names": cel.ListType(cel.StringType), "times": cel.ListType(cel.TimestampType),
		"o": record, "os": cel.ListType(record),
	} {
		declared = append(declared, cel.Variable(name, of))
	}
	return cel.NewEnv(declared...)
}

func days(value ref.Val) ref.Val {
	seconds := int64(value.(types.Int))
	const most = 9_223_372_036 / 86_400
	if seconds > most || seconds < -most {
		return types.NewErr("too long")
	}
	return types.Duration{Duration: time.Duration(seconds) * 24 * time.Hour}
}

func score(value ref.Val) ref.Val { return value.(types.Int) % 7 }

func alive(value ref.Val) ref.Val { return types.Bool(value.(types.String) == "ada") }

func answer(env *cel.Env, asked line) []string {
	tree, issues := env.Compile(asked.Text)
	if issues.Err() != nil {
		return []string{"refused: " + strings.ReplaceAll(issues.Err().Error(), "\n", " ")}
	}
	program, err := env.Program(tree)
	if err != nil {
		return []string{"refused: " + err.Error()}
	}
	var answers []string
	for _, facts := range asked.Cases {
		variables := map[string]any{}
		for name, value := range facts {
			variables[name] = read(value)
		}
		result, _, err := program.Eval(variables)
		if err != nil {
			answers = append(answers, "error")
		} else {
			answers = append(answers, format(result))
		}
	}
	return answers
}

// read takes {"int": "5"} and the like.
func read(text json.RawMessage) any {
	var value map[string]json.RawMessage
	if err := json.Unmarshal(text, &value); err != nil {
		fail(err)
	}
	for kind, content := range value {
		var word string
		switch kind {
		case "list":
			var members []json.RawMessage
			json.Unmarshal(content, &members)
			list := make([]any, len(members))
			for i, each := range members {
				list[i] = read(each)
			}
			return list
		case "record":
			var fields map[string]json.RawMessage
			json.Unmarshal(content, &fields)
			record := map[string]any{}
			for name, each := range fields {
				record[name] = read(each)
			}
			return record
		}
		json.Unmarshal(content, &word)
		return scalar(kind, word)
	}
	return nil
}

func scalar(kind, word string) any {
	switch kind {
	case "string", "bytes":
		content, err := hex.DecodeString(word)
		if err != nil {
			fail(err)
		}
		if kind == "bytes" {
			return content
		}
		return string(content)
	case "bool":
		return word == "true"
	}
	number, err := strconv.ParseInt(word, 10, 64)
	if err != nil {
		fail(err)
	}
	switch kind {
	case "timestamp":
		return time.Unix(number, 0).UTC()
	case "duration":
		return time.Duration(number) * time.Second
	}
	return number
}

func format(value ref.Val) string {
	switch of := value.(type) {
	case types.Int:
		return fmt.Sprintf("int:%d", int64(of))
	case types.Bool:
		return fmt.Sprintf("bool:%t", bool(of))
	case types.String:
		return "string:" + hex.EncodeToString([]byte(of))
	case types.Bytes:
		return "bytes:" + hex.EncodeToString(of)
	case types.Timestamp:
		return fmt.Sprintf("timestamp:%d", of.Unix())
	case types.Duration:
		return fmt.Sprintf("duration:%d", int64(of.Duration/time.Second))
	case traits.Lister:
		var members []string
		for each := of.Iterator(); each.HasNext() == types.True; {
			members = append(members, format(each.Next()))
		}
		return "[" + strings.Join(members, ",") + "]"
	}
	return "unknown:" + value.Type().TypeName()
}
