package vnpay

import (
	"slices"
	"strings"
)

// Parameters are the vnp_ parameters of a request or callback, each given once.
type Parameters map[string]string

// SigningString returns the exact text under vnp_SecureHash of a pay URL, a return URL or an IPN: all parameters that
// begin with vnp_ but the hash itself and its type, without the empty ones, sorted by name in byte order, form-encoded,
// joined by "&". It is public so that integrators can compare byte by byte; it verifies nothing.
func SigningString(p Parameters) string {
	names := make([]string, 0, 16)
	for name, value := range p {
		if value != "" && strings.HasPrefix(name, "vnp_") && name != fieldHash && name != fieldHashType {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	b := make([]byte, 0, 512)
	for i, name := range names {
		if i > 0 {
			b = append(b, '&')
		}
		b = append(appendForm(b, name), '=')
		b = appendForm(b, p[name])
	}
	return string(b)
}

const upperHex = "0123456789ABCDEF"

// appendForm encodes as PHP's urlencode and VNPAY's samples do: letters, digits and -_. stay, a space becomes "+", all
// other bytes %XX in upper case. The languages' own encoders differ in ! ' ( ) * ~, hence an encoder of our own.
func appendForm(b []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
			b = append(b, c)
		case c == ' ':
			b = append(b, '+')
		default:
			b = append(b, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return b
}

// The order of fields under the hash of querydr, joined by "|" without any encoding.
var (
	queryFields = [...]string{"vnp_RequestId", "vnp_Version", "vnp_Command", "vnp_TmnCode", "vnp_TxnRef",
		"vnp_TransactionDate", "vnp_CreateDate", "vnp_IpAddr", "vnp_OrderInfo"}
	answerFields = [...]string{"vnp_ResponseId", "vnp_Command", "vnp_ResponseCode", "vnp_Message", "vnp_TmnCode",
		"vnp_TxnRef", "vnp_Amount", "vnp_BankCode", "vnp_PayDate", "vnp_TransactionNo", "vnp_TransactionType",
		"vnp_TransactionStatus", "vnp_OrderInfo", "vnp_PromotionCode", "vnp_PromotionAmount"}
)

// QueryString returns the exact text under the hash of a querydr request.
func QueryString(p Parameters) string { return pipe(p, queryFields[:]) }

// QueryAnswerString returns the exact text under the hash of a querydr response.
func QueryAnswerString(p Parameters) string { return pipe(p, answerFields[:]) }

func pipe(p Parameters, fields []string) string {
	values := make([]string, len(fields))
	for i, field := range fields {
		values[i] = p[field]
	}
	return strings.Join(values, "|")
}
