"""What a power cut, a killed process and a broken broker may cost: nothing that was answered 200."""
