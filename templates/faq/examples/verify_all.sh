curl -fsSO {{ verify_url }}
python3 verify.py {{ policy_url }}
