/** The operator's panel. */
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Router } from 'wouter';
import { AdminPages } from './admin/admin-pages.tsx';
import { ToastProvider } from './parts/toast.tsx';
import { createQueryClient } from './queries.ts';
import { SignInPages } from './sign-in/sign-in-pages.tsx';
import { BASE } from './console-places.ts';

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={createQueryClient()}>
      <ToastProvider>
        <Router base={BASE.admin}>
          <SignInPages kind="admin">
            <AdminPages />
          </SignInPages>
        </Router>
      </ToastProvider>
    </QueryClientProvider>
  </StrictMode>,
);
