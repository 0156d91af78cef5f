package main

import "context"

func playStory(ctx context.Context, name, out, at string) error { return nil }
