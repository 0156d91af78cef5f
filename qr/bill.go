package qr

import (
	"github.com/motcua/motcua/internal/detcbor"
)

// Payment is the body of a code that asks for a fee: what a VietQR code says, and which dossier it is for, signed by the
// agency that is owed. A payer whose program verifies it cannot be led to another account by a sticker over the true
// one. Banking programs do not read it; it stands beside the bank's own code.
type Payment struct {
	// Dossier is the dossier code, Procedure the procedure code: the key must have it in its scope.
	Dossier   string `json:"dossier"`
	Procedure string `json:"procedure"`
	// Order is the number of the payment order, mã đơn thanh toán.
	Order string `json:"order"`
	// Amount is in đồng, 1 to 999,999,999,999.
	Amount int64 `json:"amount"`
	// Bank is the bank's number at NAPAS, mã BIN of 6 digits, Account the account number of 1 to 19 letters and
	// digits, Payee the name of its owner.
	Bank    string `json:"bank"`
	Account string `json:"account"`
	Payee   string `json:"payee"`
	// Memo is nội dung chuyển khoản, by which the payment is found again; at most 99 bytes.
	Memo string `json:"memo"`
}

var _ Body = Payment{}

const (
	bodyOrder   = 22
	bodyAmount  = 23
	bodyBank    = 24
	bodyAccount = 25
	bodyPayee   = 26
	bodyMemo    = 27

	maxAmount  = 999_999_999_999
	maxAccount = 19
	maxMemo    = 99
)

// Kind returns [KindPayment].
func (Payment) Kind() Kind { return KindPayment }

func (p Payment) codes() codeNames { return codeNames{registerProcedure: p.Procedure} }

func (p Payment) withCodes(names codeNames) Body { p.Procedure = names[registerProcedure]; return p }

func (p Payment) check() *InvalidError {
	fields := [...]struct{ name, value string }{
		{"dossier", p.Dossier}, {"procedure", p.Procedure}, {"order", p.Order}, {"payee", p.Payee}, {"memo", p.Memo},
	}
	for _, f := range fields {
		if f.value == "" || !isPlain(f.value) {
			return &InvalidError{Field: "payment." + f.name, Rule: "1 to 200 bytes of plain text in normal form C"}
		}
	}
	switch {
	case p.Amount < 1 || p.Amount > maxAmount:
		return &InvalidError{Field: "payment.amount", Rule: "1 to 999,999,999,999 đồng"}
	case !isDigits(p.Bank, 6):
		return &InvalidError{Field: "payment.bank", Rule: "6 digits"}
	case !isAccount(p.Account):
		return &InvalidError{Field: "payment.account", Rule: "1 to 19 letters and digits"}
	case len(p.Memo) > maxMemo:
		return &InvalidError{Field: "payment.memo", Rule: "at most 99 bytes"}
	}
	return nil
}

func isAccount(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != "" && len(s) <= maxAccount
}

func (p Payment) appendTo(b []byte, n *numbers) []byte {
	b = appendField(n.appendVersion(b, 8), bodyDossier, p.Dossier)
	b = n.append(b, bodyProcedure, registerProcedure, p.Procedure)
	b = appendField(b, bodyOrder, p.Order)
	b = detcbor.AppendInt(detcbor.AppendInt(b, bodyAmount), p.Amount)
	b = appendField(b, bodyBank, p.Bank)
	b = appendField(b, bodyAccount, p.Account)
	b = appendField(b, bodyPayee, p.Payee)
	return appendField(b, bodyMemo, p.Memo)
}

func readPayment(r *detcbor.Reader, n *numbers) Body {
	var p Payment
	fields := r.Map(16)
	for key, ok := fields.Next(); ok; key, ok = fields.Next() {
		switch key {
		case bodyCodes:
			n.readVersion(r)
		case bodyDossier:
			p.Dossier = readFilled(r)
		case bodyProcedure:
			p.Procedure = n.read(r, registerProcedure)
		case bodyOrder:
			p.Order = readFilled(r)
		case bodyAmount:
			p.Amount = r.Int()
		case bodyBank:
			p.Bank = readFilled(r)
		case bodyAccount:
			p.Account = readFilled(r)
		case bodyPayee:
			p.Payee = readFilled(r)
		case bodyMemo:
			p.Memo = readFilled(r)
		default:
			r.Fail("a known field")
		}
	}
	return p
}
