package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxLine bounds one input line.
const maxLine = 64 << 10

// judgeLines answers every line by one line, in order, whatever the line holds: an empty one and one beyond all bounds
// too, so that who asks can put answers beside questions.
func judgeLines(ctx context.Context, j judge, stdin io.Reader, stdout, stderr io.Writer) int {
	lines := bufio.NewReaderSize(stdin, maxLine)
	status := exitValid
	for {
		line, err := lines.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = lines.ReadSlice('\n')
		}
		switch {
		case err != nil && err != io.EOF:
			fmt.Fprintln(stderr, "inspect: standard input:", err)
			return exitUsage
		case long:
			status = max(status, answer(ctx, tooLong, "", stdout))
		case err == nil || len(line) > 0:
			status = max(status, answer(ctx, j, strings.TrimRight(string(line), "\r\n"), stdout))
		}
		if err == io.EOF {
			return status
		}
	}
}

func tooLong(context.Context, string) (any, bool) {
	return refuse(fault{"input.long", "Dòng quá dài.", "The line is too long."}), false
}

// fault is a mistake in what the program was given.
type fault struct{ code, vi, en string }

func (f fault) Error() string { return f.en }

// Code returns the stable key.
func (f fault) Code() string { return f.code }

// Text returns the words in a language, Vietnamese unless it is "en".
func (f fault) Text(lang string) string {
	if lang == "en" {
		return f.en
	}
	return f.vi
}

func unopened() error {
	return fault{"input.file", "Không mở được tệp.", "The file cannot be opened."}
}
