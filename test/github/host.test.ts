import { describe, expect, it } from 'vitest';
import { hostOfIssuer, issuerOfHost, remoteRepository } from '../../src/github/host.ts';

describe('the repository of a git remote', () => {
  it.each([
    ['https://github.com/me/resume.git', 'me/resume'],
    ['https://github.com/me/resume', 'me/resume'],
    ['https://GitHub.com/Me/Resume', 'Me/Resume'],
    ['https://github.com:443/me/resume', 'me/resume'],
    ['https://www.github.com/me/resume', 'me/resume'],
    ['https://token@github.com/me/resume.git/', 'me/resume'],
    ['https://x-access-token:ghs_secret@github.com/me/resume', 'me/resume'],
    ['https://github.com/me/resume?token=secret', 'me/resume'],
    ['git@github.com:me/resume.git', 'me/resume'],
    ['github.com:me/resume', 'me/resume'],
    ['git@github.com:/me/resume.git', 'me/resume'],
    ['ssh://git@github.com/me/my.resume', 'me/my.resume'],
    ['ssh://git@github.com:22/me/resume', 'me/resume'],
    ['ssh://git@ssh.github.com:443/me/resume.git', 'me/resume'],
    ['git+ssh://git@github.com/me/resume.git', 'me/resume'],
    ['git://github.com/me/resume.git', 'me/resume'],
  ])('on github.com: %s', (url, repository) => {
    expect(remoteRepository(url)).toEqual({ host: 'github.com', isAlias: false, repository });
  });

  it.each([
    ['https://ghe.corp.example/me/resume.git', 'ghe.corp.example'],
    ['git@github.corp.example:me/resume.git', 'github.corp.example'],
    ['https://github.com.evil.io/me/resume', 'github.com.evil.io'],
    ['git@github.com.evil.io:me/resume.git', 'github.com.evil.io'],
    ['https://evil.io/github.com/me', 'evil.io'],
    ['https://github.com@evil.io/me/resume', 'evil.io'],
    ['https://github.com:443@evil.io/me/resume', 'evil.io'],
    ['ssh://github.com@evil.io/me/resume', 'evil.io'],
    ['git@evil.io:github.com/me/resume', 'evil.io'],
    ['https://evil.io?x=github.com/me/resume', 'evil.io'],
    ['https://evil.io#github.com/me/resume', 'evil.io'],
    ['https://notgithub.com/me/resume', 'notgithub.com'],
    ['https://gist.github.com/me/resume', 'gist.github.com'],
    ['https://me.github.io/me/resume', 'me.github.io'],
    ['git@github-work:me/resume.git', 'github-work'],
    ['https://gitlab.com/me/resume.git', 'gitlab.com'],
  ])('on another host: %s', (url, host) => {
    expect(remoteRepository(url)?.host).toBe(host);
  });

  it.each([
    ['git@github-work:me/resume.git', true],
    ['git@github.com-work:me/resume.git', true],
    ['ssh://git@github_work:22/me/resume', true],
    ['git@ghe.corp.example:me/resume.git', false],
    ['git@ghe.xn--p1ai:me/resume.git', false],
    ['ssh://git@10.0.0.7/me/resume', false],
    ['ssh://git@[::1]/me/resume', false],
    // Not by ssh.
    ['https://ghe/me/resume', false],
  ])('%s is a name of ~/.ssh/config: %s', (url, isAlias) => {
    expect(remoteRepository(url)?.isAlias).toBe(isAlias);
  });

  it.each([
    '/srv/git/github.com/resume.git',
    '../github.com:me/resume',
    './github.com:me/resume',
    'file://github.com/me/resume',
    'javascript://github.com/me/resume',
    'https://github.com\\@evil.io/me/resume',
    'https://git\thub.com/me/resume',
    'ext::sh -c id% github.com/me/resume',
    ':me/resume',
    'resume',
    '',
  ])('is not known: %j', (url) => {
    expect(remoteRepository(url)).toBeUndefined();
  });

  it.each([
    'https://github.com/me',
    'https://github.com/me/resume/tree/main',
    'git@github.com:resume.git',
    'https://github.com',
  ])('is not a repository, according to its path: %s', (url) => {
    expect(remoteRepository(url)).toEqual({ host: 'github.com', isAlias: false, repository: undefined });
  });

  it.each([
    ['github.com', 'https://token.actions.githubusercontent.com'],
    ['octo.ghe.com', 'https://token.actions.octo.ghe.com'],
    ['ghe.corp.example', 'https://ghe.corp.example/_services/token'],
  ])('has jobs with tokens of its host: %s', (host, issuer) => {
    expect([issuerOfHost(host), hostOfIssuer(issuer)]).toEqual([issuer, host]);
  });

  it.each([
    ['https://token.actions.githubusercontent.com/octo-enterprise', 'github.com'],
    ['https://gitlab.com', undefined],
    ['https://token.actions.githubusercontent.com.evil.io', undefined],
  ])('may not be on GitHub: %s', (issuer, host) => {
    expect(hostOfIssuer(issuer)).toBe(host);
  });
});
