"""Settings, read from the environment. README.md has the table of all of them."""

import re
from pathlib import Path
from urllib.parse import quote

import dj_database_url
import django
from django.core.exceptions import ImproperlyConfigured

from privacy_site.cache import IN_THE_DATABASE, shared_cache
from privacy_site.environment import LOOPBACK, Environment
from privacy_site.mail import NO_MAIL, mail_server

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment.of_process()

DEBUG = env.flag("DEBUG")
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).resolve()
SITE_URL = env.site_url("SITE_URL", "http://127.0.0.1:8000")
ORGANISATION = env.text("ORGANISATION")
#: The organisation's own colours, and the picture in the head of each page.
THEME = env.theme("THEME")
LOGO = env.file("LOGO", ".svg", ".png", ".webp", ".jpg")
if LOGO and not ORGANISATION:
    raise ImproperlyConfigured("LOGO needs ORGANISATION: who does not see it is told the name.")

SECRET_KEY = env.secret("SECRET_KEY") or ("only-for-debugging" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY or SECRET_KEY_FILE (bin/run makes one by itself).")
# Keys of before: what they signed, preview links above all, goes on working while they stand here.
SECRET_KEY_FALLBACKS = env.secret("SECRET_KEY_FALLBACKS").split()

# Where the site is. An https address brings everything that goes with it; http is for this
# machine only, where all of its three names work.
ALLOWED_HOSTS = list(LOOPBACK) if SITE_URL.is_loopback else [SITE_URL.host]
# The desk may have a host of its own, with the same scheme and port. Nothing else is there then.
ADMIN_HOST = env.other_host("ADMIN_HOST", SITE_URL)
ADMIN_ORIGIN = SITE_URL.origin_on(ADMIN_HOST) if ADMIN_HOST else SITE_URL.origin
if ADMIN_HOST and not SITE_URL.is_loopback:
    ALLOWED_HOSTS.append(ADMIN_HOST)
CSRF_TRUSTED_ORIGINS = [ADMIN_ORIGIN]
HTTPS = SITE_URL.scheme == "https"
BEHIND_PROXY = env.flag("BEHIND_PROXY")
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = HTTPS
# Probes ask the process itself, over http.
SECURE_REDIRECT_EXEMPT = [f"^{re.escape(f'{SITE_URL.path}/health/'[1:])}"]
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "no-referrer"
X_FRAME_OPTIONS = "DENY"
# Whether other hosts below this one speak https is not ours to promise (W005, W021). The CSRF
# middleware is there as a subclass that leaves public pages alone (W003 looks for its name).
SILENCED_SYSTEM_CHECKS = ["security.W003", "security.W005", "security.W021"]

#: Everything that needs a person to log in stands below these paths, and only there do the
#: session, authentication, message and CSRF middleware act.
PRIVATE_PREFIXES = (f"{SITE_URL.path}/admin/",)

INSTALLED_APPS = [
    "faq.apps.FaqConfig",
    "faq.admin.apps.DeskConfig",
    "allauth",
    "faq.admin.apps.AccountsConfig",
    "allauth.mfa",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "markdownx",
]

MIDDLEWARE = [
    "faq.middleware.RequestId",
    "faq.middleware.Headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "faq.middleware.Clock",
    "faq.middleware.Unavailable",
    "django.middleware.common.CommonMiddleware",
    "faq.middleware.DesksHost",
    "faq.middleware.PrivateSession",
    "faq.middleware.PrivateCsrf",
    "faq.middleware.PrivateAuthentication",
    "faq.middleware.PrivateMessages",
    "faq.middleware.PrivateAccounts",
]

# Widgets may use the project's templates.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

CSRF_FAILURE_VIEW = "faq.views.errors.form_refused"
ROOT_URLCONF = "privacy_site.urls"
WSGI_APPLICATION = "privacy_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "faq.context_processors.site",
            ],
        },
    }
]

DATABASES = {
    "default": dj_database_url.parse(
        env.database("DATABASE_URL", f"sqlite:///{quote(str(DATA_DIR / 'site.sqlite3'))}"),
        # A thread's connection to PostgreSQL stays open for its next answer: a new one makes the
        # server begin a process that knows nothing yet. It is looked at before it is used again.
        conn_max_age=60,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A missing file is an error, never a new empty site.
    DATABASES["default"]["ENGINE"] = "faq.sqlite"
    # A file is opened in no time, and each thread that keeps it open takes half a megabyte.
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    # IMMEDIATE: a writer waits for its turn at the start, instead of failing in the middle.
    # cache_size, in KiB: what each thread's connection holds of the file. More is not needed, since
    # the system holds the file for all of them.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-256;"
        ),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Logging in. Accounts are made in the admin or on the command line; nobody signs up.
#: Whether editing needs a second step (a passkey, or a code from an app) besides the password.
ADMIN_MFA = env.flag("ADMIN_MFA", default=not SITE_URL.is_loopback)
if not ADMIN_MFA and not SITE_URL.is_loopback:
    raise ImproperlyConfigured("ADMIN_MFA=false is for a SITE_URL on this machine only.")
# Sessions end with the browser, or when nothing was done for so long.
SESSION_COOKIE_AGE = 60 * env.number("SESSION_IDLE", 60, least=5, most=1440)
SESSION_EXPIRE_AT_BROWSER_CLOSE = SESSION_SAVE_EVERY_REQUEST = True
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
ACCOUNT_ADAPTER = "faq.admin.accounts.AccountAdapter"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_FORMS = {
    "login": "faq.admin.account_forms.Login",
    "reauthenticate": "faq.admin.account_forms.Reauthenticate",
    "change_password": "faq.admin.account_forms.ChangePassword",
    "set_password": "faq.admin.account_forms.SetPassword",
    "reset_password": "faq.admin.account_forms.ResetPassword",
    "reset_password_from_key": "faq.admin.account_forms.ResetPasswordKey",
}
MFA_ADAPTER = "faq.admin.accounts.MfaAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = ORGANISATION
MFA_FORMS = {
    "authenticate": "faq.admin.account_forms.Authenticate",
    "reauthenticate": "faq.admin.account_forms.ReauthenticateByCode",
    "activate_totp": "faq.admin.account_forms.ActivateTotp",
    "add_webauthn": "faq.admin.account_forms.AddPasskey",
    "edit_webauthn": "faq.admin.account_forms.RenamePasskey",
    "authenticate_webauthn": "faq.admin.account_forms.AuthenticateByPasskey",
    "login_webauthn": "faq.admin.account_forms.LoginByPasskey",
    "reauthenticate_webauthn": "faq.admin.account_forms.ReauthenticateByPasskey",
}
# A proxy in front adds the sender's address to X-Forwarded-For; without one nobody is believed.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0

# Counters of log-in attempts, and codes already used: all workers must see them at once, and
# adding must be atomic, which Django's file cache does not promise.
CACHES = {
    "default": shared_cache(env.secret("CACHE_URL"), prefix=f"{SITE_URL.host}{SITE_URL.path}")
}
#: Made by `migrate` in any case, for the day that somebody takes CACHE_URL out.
CACHE_TABLE = IN_THE_DATABASE["LOCATION"]

# Mail, for links to reset a password and for what waits for somebody. Without a server there is
# none, and whoever would send some asks MAIL_SERVER first.
MAIL_SERVER = mail_server(env.secret("EMAIL_URL"), sender=f"noreply@{SITE_URL.host.strip('[]')}")
_mail = MAIL_SERVER or NO_MAIL
if MAIL_SERVER:
    DEFAULT_FROM_EMAIL = SERVER_EMAIL = MAIL_SERVER.sender
else:
    SILENCED_SYSTEM_CHECKS.append("mail.E001")  # from Django 6.1: that there is none is meant
if django.VERSION >= (6, 1):
    MAILERS = {"default": _mail.as_mailer()}
else:
    vars().update(_mail.as_settings())

# The language policies are written in. Pages say 1 March 2026, so English is British here.
POLICY_LANGUAGE = env.language("LANGUAGES", "en")
LANGUAGE_CODE = "en-gb" if POLICY_LANGUAGE == "en" else POLICY_LANGUAGE
LANGUAGES = [(LANGUAGE_CODE, LANGUAGE_CODE)]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
#: The legal day: the zone in which dates without a time begin.
TIME_ZONE = env.time_zone("TIME_ZONE", "Europe/London")

# Finished pages, which readers get without Django: docs/adr/0005.
#: How many megabytes of them each worker holds.
PAGES_IN_MEMORY = env.number("PAGES_IN_MEMORY", 8, least=1, most=10_000)
#: How many are written to DATA_DIR/pages, for when the database is gone; 0 for none.
PAGES_ON_DISK = env.number("PAGES_ON_DISK", 200, least=0, most=100_000)
#: A program that tells caches in front of the site of a change: docs/scaling.md.
PURGE_HOOK = env.program("PURGE_HOOK")

STATIC_URL = f"{SITE_URL.path}/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static"))).resolve()
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_ALLOW_ALL_ORIGINS = False
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "faq.finders.OwnFiles",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

#: Whether editors may put pictures into answers. What has been published stays, whatever it says.
IMAGES = env.flag("IMAGES")

# The editor's preview goes through a view of our own; the package's views are never mounted.
MARKDOWNX_MARKDOWNIFY_FUNCTION = "faq.admin.preview.answer_html"
MARKDOWNX_EDITOR_RESIZABLE = False

# Where reports of security problems go; without it there is no security.txt.
SECURITY_CONTACT = env.contacts("SECURITY_CONTACT")

# The log is the only report of an error: a mail about it would carry the reader's address and more.
LOG_FORMAT = env.choice("LOG_FORMAT", "text" if SITE_URL.is_loopback else "json", ("json", "text"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {"()": f"faq.logs.{LOG_FORMAT.title()}Lines", "whole": DEBUG},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        # That caches in front were told of a change is worth a line.
        "faq.delivery.purging": {"level": "INFO"},
    },
}
