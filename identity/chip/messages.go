package chip

import "strings"

// message is everything said under one code: once, here.
type message struct{ code, vi, en string }

func textOf(code, lang string) string {
	found := message{code, "Chưa có mô tả cho kết quả này.", "There is no description of this result."}
	for _, table := range [...][]message{messages[:], signerMessages[:], inputMessages[:]} {
		for _, m := range table {
			if m.code == code {
				found = m
			}
		}
	}
	if strings.HasSuffix(code, ".not-reached") {
		found = notReached
	}
	if lang == "en" {
		return found.en
	}
	return found.vi
}

var notReached = message{"not-reached",
	"Chưa kiểm tra được vì bước trước không thực hiện được.",
	"Not checked, for an earlier step could not be done."}

// messages are about the files and what they hold.
var messages = [...]message{
	{"chip.com.ok", "Danh mục tệp trên chip khớp với danh sách đã ký.", "The chip's list of files is that of the signed list."},
	{"chip.com.missing", "Không đọc tệp danh mục (EF.COM); tệp này không được ký nên không bắt buộc.",
		"The list of files (EF.COM) was not read; nobody signs it, so nothing rests on it."},
	{"chip.com.form", "Tệp danh mục (EF.COM) không đúng định dạng.", "The list of files (EF.COM) is malformed."},
	{"chip.com.differs", "Tệp danh mục (EF.COM, không được ký) khác với danh sách đã ký.",
		"The list of files (EF.COM, which nobody signs) differs from the signed list."},
	{"chip.hash.ok", "Nội dung đúng như cơ quan cấp đã ký.", "The content is what the issuer signed."},
	{"chip.hash.differs", "Nội dung đã bị thay đổi so với bản cơ quan cấp đã ký.", "The content was changed after the issuer signed it."},
	{"chip.hash.injected", "Tệp không có trong danh sách đã ký: có thể đã bị chèn thêm.",
		"The file is not in the signed list: it may have been added."},
	{"chip.hash.not-listed", "Danh sách đã ký thiếu tệp bắt buộc.", "The signed list lacks a file that every document has."},
	{"chip.hash.not-read", "Có trong danh sách đã ký nhưng chưa được đọc.", "It is in the signed list but was not read."},
	{"chip.hash.no-portrait", "Ảnh chân dung chưa được đọc nên không đối chiếu được với người xuất trình.",
		"The portrait was not read, so nobody can compare it with who shows the card."},
	{"chip.content.ok", "Đọc được nội dung.", "The content was read."},
	{"chip.content.form", "Không đọc được nội dung theo định dạng đã biết.", "The content has no known form."},
	{"chip.content.frame", "Tệp không đúng định dạng.", "The file is malformed."},
	{"chip.content.zone-size", "Vùng đọc máy trong chip không có độ dài của thẻ hoặc hộ chiếu.",
		"The machine-readable zone in the chip has not the length of a card or passport."},
	{"chip.content.zone", "Không đọc được vùng đọc máy trong chip.", "The machine-readable zone in the chip cannot be read."},
	{"chip.agreement.ok", "Các phần thông tin trong chip khớp với nhau.", "What the parts of the chip say of the person fits together."},
	{"chip.agreement.differs", "Các phần thông tin trong chip mâu thuẫn với nhau.", "The parts of the chip contradict each other."},
	{"chip.document.ok", "Đúng loại giấy tờ mà đơn vị ký được phép ký.", "The signer may sign this type of document."},
	{"chip.document.kind", "Không phải loại giấy tờ được yêu cầu.", "It is not the kind of document that was asked for."},
	{"chip.document.type-list", "Đơn vị ký không được phép ký loại giấy tờ này.", "The signer may not sign this type of document."},
	{"chip.country.ok", "Quốc gia trên giấy tờ, của đơn vị ký và của cơ quan chứng thực là một.",
		"Document, signer and authority are of one country."},
	{"chip.country.differs", "Quốc gia cấp giấy tờ khác với quốc gia của đơn vị ký hoặc cơ quan chứng thực.",
		"The document's country is not that of its signer or its authority."},
	{"chip.expiry.ok", "Giấy tờ còn thời hạn sử dụng.", "The document has not expired."},
	{"chip.expiry.expired", "Giấy tờ đã hết hạn sử dụng.", "The document has expired."},
	{"chip.active-authentication.ok", "Chip đã chứng minh giữ khóa riêng của mình, không phải bản sao.",
		"The chip proved that it holds its own key and is no copy."},
	{"chip.active-authentication.not-recorded", "Chưa thực hiện xác thực chủ động.", "Active authentication was not done."},
	{"chip.active-authentication.after-passive", "Chỉ xét xác thực chủ động sau khi dữ liệu trên chip đã được xác thực.",
		"Active authentication counts only after the data on the chip is authenticated."},
	{"chip.active-authentication.key", "Không có hoặc không đọc được khóa xác thực chủ động (DG15).",
		"The key of active authentication (DG15) is missing or cannot be read."},
	{"chip.active-authentication.challenge", "Chuỗi thử thách phải có 8 byte.", "The challenge has eight bytes."},
	{"chip.active-authentication.algorithm", "DG14 không nêu thuật toán xác thực chủ động.",
		"DG14 names no algorithm for active authentication."},
	{"chip.active-authentication.digest", "Thuật toán băm của xác thực chủ động không còn được chấp nhận.",
		"The digest of active authentication is not accepted any more."},
	{"chip.active-authentication.response", "Chip trả lời sai: có thể là bản sao.", "The chip's answer is wrong: it may be a copy."},
	{"chip.chip-authentication.ok", "Chip đã chứng minh giữ khóa riêng của mình, không phải bản sao.",
		"The chip proved that it holds its own key and is no copy."},
	{"chip.chip-authentication.not-recorded", "Chưa thực hiện xác thực chip.", "Chip authentication was not done."},
	{"chip.chip-authentication.after-passive", "Chỉ xét xác thực chip sau khi dữ liệu trên chip đã được xác thực.",
		"Chip authentication counts only after the data on the chip is authenticated."},
	{"chip.chip-authentication.key", "Không có hoặc không đọc được khóa xác thực chip (DG14).",
		"The key of chip authentication (DG14) is missing or cannot be read."},
	{"chip.chip-authentication.finite-field", "Chưa hỗ trợ khóa xác thực chip loại Diffie-Hellman số nguyên.",
		"Chip authentication by Diffie-Hellman over integers is not supported."},
	{"chip.chip-authentication.cipher", "Thuật toán mã hóa đã dùng không có trong DG14 hoặc chưa xác định.",
		"The cipher that was used is not in DG14, or it is not clear which it was."},
	{"chip.chip-authentication.terminal-key", "Khóa tạm của thiết bị đọc không hợp lệ.", "The terminal's ephemeral key is not valid."},
	{"chip.chip-authentication.response", "Thông điệp trả lời của chip không đúng định dạng.", "The chip's protected answer is malformed."},
	{"chip.chip-authentication.mac", "Mã xác thực trong trả lời của chip sai: có thể là bản sao.",
		"The authentication code in the chip's answer is wrong: it may be a copy."},
	{"chip.clone-proof.ok", "Đã chứng minh chip không phải bản sao.", "It is proved that the chip is no copy."},
	{"chip.clone-proof.missing", "Chưa chứng minh được chip không phải bản sao.", "It is not proved that the chip is no copy."},
}
