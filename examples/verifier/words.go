package main

// words is what the page says, by language; the page's script gets the same.
var words = map[string]map[string]string{
	"vi": {
		"title": "Kiểm tra mã QR", "online": "Máy chủ kiểm tra mã bạn gửi.", "offline": "Sẵn sàng. Mã được kiểm tra ngay trên máy này, không cần mạng.",
		"scan": "Quét bằng máy ảnh", "point": "Đưa mã QR vào khung hình.", "file": "Ảnh có mã QR (PNG, JPEG)", "text": "Hoặc dán nội dung mã",
		"check": "Kiểm tra", "note": "Hình ảnh trên màn hình của người khác không chứng minh được gì. Chỉ kết quả kiểm tra chữ ký ở đây mới có giá trị đối chiếu.",
		"signed": "Nội dung được ký", "unsigned": "Nội dung không được ký", "unsignedNote": "Chỉ là lời khai: ai cũng có thể làm ra mã này.",
		"unchecked": "Chưa kiểm tra", "about": "Về mã này", "nothing": "Hãy chọn ảnh hoặc dán nội dung mã.", "noqr": "Không đọc được mã QR trong ảnh.",
		"nocamera": "Không mở được máy ảnh. Bạn có thể chọn ảnh có mã QR.", "notrust": "Chưa tải được danh sách tin cậy. Hãy kết nối mạng một lần.",
		"root": "Danh sách tin cậy đổi gốc so với lần trước: không dùng. Hãy hỏi nơi phát hành ứng dụng.", "badtrust": "Danh sách tin cậy không hợp lệ hoặc cũ hơn bản đã có.",
	},
	"en": {
		"title": "Check a QR code", "online": "The server checks what you send.", "offline": "Ready. Codes are checked on this device, without a network.",
		"scan": "Scan with the camera", "point": "Hold the QR code into the picture.", "file": "Picture of a QR code (PNG, JPEG)", "text": "Or paste the code's text",
		"check": "Check", "note": "A picture on somebody's screen proves nothing. Only the signature checked here does.",
		"signed": "What is signed", "unsigned": "What is not signed", "unsignedNote": "A mere claim: anybody can make this code.",
		"unchecked": "Not checked", "about": "About this code", "nothing": "Choose a picture or paste the code's text.", "noqr": "No readable QR code in the picture.",
		"nocamera": "The camera cannot be opened. You may choose a picture instead.", "notrust": "The trust list could not be loaded. Go online once.",
		"root": "The trust list has another root than before and is not used. Ask whoever issued this app.", "badtrust": "The trust list is not valid, or older than the one known.",
	},
}
