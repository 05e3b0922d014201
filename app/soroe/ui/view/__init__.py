"""What the tray, the banner and each page show, made from the state and the words: pure values, no Qt."""
