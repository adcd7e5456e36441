// Checks a log with Go's own implementation: tree, proofs, tiles and notes of golang.org/x/mod/sumdb, and none of ours. Reads one
// JSON document, prints one: what is wrong with what it was given, and proofs and a note of its own for the other side to check.
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type hashes [][]byte

type proof struct {
	Index int64  `json:"index"`
	Size  int64  `json:"size"`
	Proof hashes `json:"proof"`
}

type tile struct {
	Path string `json:"path"`
	Data []byte `json:"data"`
}

type signed struct {
	Note string `json:"note"`
	Key  string `json:"key"`
	Text string `json:"text"`
}

type input struct {
	Leaves        hashes   `json:"leaves"`
	Roots         hashes   `json:"roots"`
	Inclusions    []proof  `json:"inclusions"`
	Consistencies []proof  `json:"consistencies"`
	Tiles         []tile   `json:"tiles"`
	Notes         []signed `json:"notes"`
}

type output struct {
	Faults        []string `json:"faults"`
	Inclusions    []proof  `json:"inclusions"`
	Consistencies []proof  `json:"consistencies"`
	Note          signed   `json:"note"`
}

type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for at, index := range indexes {
		if index >= int64(len(s)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		found[at] = s[index]
	}
	return found, nil
}

func toHashes(raw hashes) []tlog.Hash {
	made := make([]tlog.Hash, len(raw))
	for at, each := range raw {
		copy(made[at][:], each)
	}
	return made
}

func fromHashes(made []tlog.Hash) hashes {
	raw := hashes{}
	for _, each := range made {
		raw = append(raw, append([]byte{}, each[:]...))
	}
	return raw
}

func main() {
	var in input
	must(json.NewDecoder(os.Stdin).Decode(&in))
	out := output{Faults: []string{}}
	fault := func(format string, values ...any) { out.Faults = append(out.Faults, fmt.Sprintf(format, values...)) }
	var tree stored
	for at, leaf := range in.Leaves {
		more, err := tlog.StoredHashes(int64(at), leaf, tree)
		must(err)
		tree = append(tree, more...)
	}
	// roots[n] is that of the first n leaves.
	roots := make([]tlog.Hash, len(in.Leaves)+1)
	for size := range roots {
		root, err := tlog.TreeHash(int64(size), tree)
		must(err)
		roots[size] = root
		if size < len(in.Roots) && !bytes.Equal(root[:], in.Roots[size]) {
			fault("the root of %d leaves is another one", size)
		}
	}
	for _, each := range in.Inclusions {
		leaf := tlog.RecordHash(in.Leaves[each.Index])
		if err := tlog.CheckRecord(toHashes(each.Proof), each.Size, roots[each.Size], each.Index, leaf); err != nil {
			fault("leaf %d of %d: %v", each.Index, each.Size, err)
		}
		own, err := tlog.ProveRecord(each.Size, each.Index, tree)
		must(err)
		out.Inclusions = append(out.Inclusions, proof{each.Index, each.Size, fromHashes(own)})
	}
	for _, each := range in.Consistencies {
		if err := tlog.CheckTree(toHashes(each.Proof), each.Size, roots[each.Size], each.Index, roots[each.Index]); err != nil {
			fault("tree %d of %d: %v", each.Index, each.Size, err)
		}
		own, err := tlog.ProveTree(each.Size, each.Index, tree)
		must(err)
		out.Consistencies = append(out.Consistencies, proof{each.Index, each.Size, fromHashes(own)})
	}
	for _, each := range in.Tiles {
		parsed, err := tlog.ParseTilePath(each.Path)
		if err != nil {
			fault("%s: %v", each.Path, err)
			continue
		}
		data, err := tlog.ReadTileData(parsed, tree)
		if err != nil || !bytes.Equal(data, each.Data) {
			fault("the tile %s is another one (%v)", each.Path, err)
		}
	}
	for _, each := range in.Notes {
		verifier, err := note.NewVerifier(each.Key)
		must(err)
		opened, err := note.Open([]byte(each.Note), note.VerifierList(verifier))
		if err != nil || opened.Text != each.Text {
			fault("a note: %v", err)
		}
	}
	private, public, err := note.GenerateKey(rand.Reader, "go.example/log")
	must(err)
	signer, err := note.NewSigner(private)
	must(err)
	text := "go.example/log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
	message, err := note.Sign(&note.Note{Text: text}, signer)
	must(err)
	out.Note = signed{string(message), public, text}
	must(json.NewEncoder(os.Stdout).Encode(out))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
