// When the form is shown, ask which version that is; it is posted with the consent.
for (const form of document.querySelectorAll("form[data-policy]")) {
  fetch(form.dataset.policy)
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
    .then((policy) => {
      form.elements.policy_version.value = policy.number;
      form.elements.policy_digest.value = policy.digest;
      form.querySelector("a").href = policy.version_url;
      form.querySelector("button").disabled = false;
    });
}
