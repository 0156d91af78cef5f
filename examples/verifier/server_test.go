package main

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// post sends the form as a browser without JavaScript does.
func post(t *testing.T, url, text string, picture []byte) (int, string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", "x.png")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(picture); err != nil {
		t.Fatal(err)
	}
	if err := w.WriteField("text", text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(url, w.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(page)
}

func TestWithoutScript(t *testing.T) {
	s := newSpecimen(t)
	handler, err := newServer(s.trust, s.status, []byte("wasm"), []byte("loader"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	picture, err := os.ReadFile(s.picture(t))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, query, text string
		picture           []byte
		status            int
		words             string
	}{
		{"text", "", s.code.Text(), nil, http.StatusOK, "Mã hợp lệ"},
		{"picture, in English", "?lang=en", "", picture, http.StatusOK, "What is signed"},
		{"changed text", "", strings.Replace(s.code.Text(), s.code.Text()[50:52], "00", 1), nil, http.StatusOK, "panel bad"},
		{"revoked", "", s.revoked.Text(), nil, http.StatusOK, "thu hồi"},
		{"card", "", "001090000123||Nguyễn Trọng Nghĩa|15031990|Nam|Phường Ví Dụ|01072024", nil, http.StatusOK, "Chỉ là lời khai"},
		{"nothing", "", "", nil, http.StatusUnprocessableEntity, "Hãy chọn ảnh"},
		{"not a picture", "", "", []byte("hello"), http.StatusUnprocessableEntity, "Không đọc được"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, page := post(t, server.URL+"/check"+tt.query, tt.text, tt.picture)
			if status != tt.status || !strings.Contains(page, tt.words) {
				t.Errorf("status %d, page without %q", status, tt.words)
			}
		})
	}
}

// TestWithoutStatusList holds the page to saying that nobody looked whether the code was taken back.
func TestWithoutStatusList(t *testing.T) {
	s := newSpecimen(t)
	handler, err := newServer(s.trust, nil, []byte("wasm"), []byte("loader"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	for _, code := range []string{s.code.Text(), s.revoked.Text()} {
		if status, page := post(t, server.URL+"/check", code, nil); status != http.StatusOK || !strings.Contains(page, "Chưa kiểm tra") {
			t.Errorf("status %d, the page does not say what was not checked:\n%s", status, page)
		}
	}
}
